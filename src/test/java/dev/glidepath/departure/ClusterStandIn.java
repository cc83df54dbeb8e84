package dev.glidepath.departure;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.event.InstanceId;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * An API server on loopback with objects in memory: listed, watched, patched, created and deleted, so that a test sees afterwards what the
 * cluster looks like. A pod that is evicted or deleted is gone at once. Next to nothing of what the real one checks is checked here: a
 * test says itself which request is answered otherwise.
 */
public final class ClusterStandIn implements AutoCloseable {
    public static final String NAMESPACE = "shop";

    private static final JsonMapper JSON = new JsonMapper();
    private static final String NODES = "/api/v1/nodes";
    private static final String PODS = "/api/v1/pods";
    private static final String BUDGETS = "/apis/policy/v1/poddisruptionbudgets";
    private static final String ATTACHMENTS = "/apis/storage.k8s.io/v1/volumeattachments";
    private static final String CLAIMS = "/api/v1/namespaces/" + NAMESPACE + "/persistentvolumeclaims";
    private static final String LEASES = "/apis/coordination.k8s.io/v1/namespaces/";
    private static final String JOURNAL = "glidepath.dev/departure";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final Map<String, String> bodies = new ConcurrentHashMap<>();
    private final Map<String, Queue<Scripted>> scripted = new ConcurrentHashMap<>();

    /** Guarded by this, as are those below. By the path of their list, and then by namespace and name. */
    private final Map<String, Map<String, ObjectNode>> objects = new LinkedHashMap<>();

    private final List<Event> events = new ArrayList<>();
    private long version = 100;
    private boolean closed;

    private record Event(String list, String type, ObjectNode object, long version) {}

    /** An answer of the server. */
    public record Answer(int code, String body) {
        /** One that says why, as the server says it. */
        public static Answer failure(int code, String message) {
            return failure(code, message, "");
        }

        /** The same with details. */
        public static Answer failure(int code, String message, String details) {
            ObjectNode status = JSON.createObjectNode().put("kind", "Status").put("code", code);
            status.put("message", message);
            if (!details.isEmpty()) {
                status.set("details", parse(details));
            }
            return new Answer(code, status.toString());
        }
    }

    private record Scripted(Optional<Answer> answer, CountDownLatch when) {}

    /** A request that is not answered for now. */
    public static final class Held {
        private final CountDownLatch latch = new CountDownLatch(1);

        /** It is answered from now on. */
        public void release() {
            latch.countDown();
        }
    }

    public ClusterStandIn() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException("no free port on loopback", e);
        }
        server.createContext("/", this::answer);
        server.setExecutor(threads);
        server.start();
    }

    /** How the program reaches it. */
    public ApiServer apiServer() {
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                .withRequestTimeout(10_000)
                .build();
        return new ApiServer(config);
    }

    // What there is.

    /** A Ready node of this instance. */
    public void node(String name, InstanceId instance) {
        node(name, instance, "");
    }

    /** One with this journal. */
    public void node(String name, InstanceId instance, String journal) {
        ObjectNode node = JSON.createObjectNode();
        ObjectNode metadata = node.putObject("metadata").put("name", name).put("creationTimestamp", anHourAgo());
        metadata.putObject("labels").put("kubernetes.io/os", "linux");
        ObjectNode annotations = metadata.putObject("annotations").put("some/other", "annotation");
        if (!journal.isEmpty()) {
            annotations.put(JOURNAL, journal);
        }
        node.putObject("spec").put("providerID", "aws:///eu-west-1a/" + instance);
        node.putObject("status")
                .putArray("conditions")
                .addObject()
                .put("type", "Ready")
                .put("status", "True")
                .put("lastTransitionTime", anHourAgo());
        put(NODES, name, node);
    }

    /** The node has this label. */
    public void label(String node, String key, String value) {
        change(NODES, node, object -> object.withObject("/metadata/labels").put(key, value));
    }

    /** A pod of a controller, on this node. */
    public void pod(String node, String name) {
        put(PODS, NAMESPACE + "/" + name, podOf(node, name));
    }

    /** One with a volume of this claim. */
    public void podWithClaim(String node, String name, String claim) {
        ObjectNode pod = podOf(node, name);
        pod.withObject("/spec")
                .putArray("volumes")
                .addObject()
                .put("name", "data")
                .putObject("persistentVolumeClaim")
                .put("claimName", claim);
        put(PODS, NAMESPACE + "/" + name, pod);
    }

    private static ObjectNode podOf(String node, String name) {
        ObjectNode pod = JSON.createObjectNode();
        ObjectNode metadata = pod.putObject("metadata")
                .put("name", name)
                .put("namespace", NAMESPACE)
                .put("uid", "uid-of-" + name);
        metadata.putObject("labels").put("app", name);
        metadata.putArray("ownerReferences")
                .addObject()
                .put("kind", "ReplicaSet")
                .put("name", name)
                .put("uid", "owner-of-" + name)
                .put("controller", true);
        pod.putObject("spec").put("nodeName", node).put("terminationGracePeriodSeconds", 1);
        ObjectNode status = pod.putObject("status").put("phase", "Running");
        status.putArray("conditions").addObject().put("type", "Ready").put("status", "True");
        return pod;
    }

    /** A budget over the pods of this name, with room for so many. */
    public void budget(String pods, int allowed) {
        ObjectNode budget = JSON.createObjectNode();
        budget.putObject("metadata")
                .put("name", pods)
                .put("namespace", NAMESPACE)
                .put("generation", 1);
        budget.putObject("spec").putObject("selector").putObject("matchLabels").put("app", pods);
        budget.putObject("status")
                .put("observedGeneration", 1)
                .put("disruptionsAllowed", allowed)
                .put("currentHealthy", 1)
                .put("desiredHealthy", 1 - allowed)
                .put("expectedPods", 1);
        put(BUDGETS, NAMESPACE + "/" + pods, budget);
    }

    /** A volume is attached to this node. */
    public void attachment(String node, String volume) {
        ObjectNode attachment = JSON.createObjectNode();
        attachment.putObject("metadata").put("name", volume);
        attachment.putObject("spec").put("nodeName", node).putObject("source").put("persistentVolumeName", volume);
        put(ATTACHMENTS, volume, attachment);
    }

    /** A claim bound to this volume, or to none. */
    public void claim(String name, String volume) {
        ObjectNode claim = JSON.createObjectNode();
        claim.putObject("metadata").put("name", name);
        claim.putObject("spec").put("volumeName", volume);
        put(CLAIMS, name, claim);
    }

    public void detach(String volume) {
        remove(ATTACHMENTS, volume);
    }

    /** A Lease of another replica. */
    public void lease(String pod, String holder) {
        ObjectNode lease = JSON.createObjectNode();
        lease.putObject("metadata")
                .put("name", pod)
                .putObject("labels")
                .put("glidepath.dev/replica", "true")
                .put("glidepath.dev/release", "glidepath");
        lease.putObject("spec").put("holderIdentity", holder).put("renewTime", "2026-08-24T12:00:00.000000Z");
        put(LEASES + "glidepath/leases", pod, lease);
    }

    /** That one says that it saw the node of this instance, whose hook is pending. */
    public void pendingHook(String pod, String holder, InstanceId instance) {
        change(
                LEASES + "glidepath/leases",
                pod,
                lease -> lease.withObject("/metadata")
                        .putObject("annotations")
                        .put("glidepath.dev/pending-hooks", "{\"%s\": [\"%s\"]}".formatted(holder, instance)));
    }

    public void deleteLease(String pod) {
        remove(LEASES + "glidepath/leases", pod);
    }

    /** The kubelet of this node renewed its Lease last then. */
    public void kubeletRenewed(String node, String at) {
        ObjectNode lease = JSON.createObjectNode();
        lease.putObject("spec").put("renewTime", at);
        put(LEASES + "kube-node-lease/leases", node, lease);
    }

    /** Somebody else writes this journal. */
    public void writeJournal(String node, String journal) {
        change(NODES, node, object -> object.withObject("/metadata/annotations").put(JOURNAL, journal));
    }

    public void deleteNode(String name) {
        remove(NODES, name);
    }

    private static String anHourAgo() {
        return Instant.now()
                .minus(1, ChronoUnit.HOURS)
                .truncatedTo(ChronoUnit.SECONDS)
                .toString();
    }

    // What it looks like.

    public boolean isCordoned(String node) {
        return object(NODES, node).at("/spec/unschedulable").asBoolean();
    }

    /** The journal on this node; empty where there is none. */
    public String journal(String node) {
        return object(NODES, node).at("/metadata/annotations").path(JOURNAL).asText();
    }

    /** The keys of this node's taints. */
    public List<String> taints(String node) {
        return object(NODES, node).at("/spec/taints").findValuesAsText("key");
    }

    public boolean hasPod(String name) {
        return !object(PODS, NAMESPACE + "/" + name).isMissingNode();
    }

    /** Method and path of each request that is no list or watch, in their order. */
    public List<String> requests() {
        return List.copyOf(requests);
    }

    /** What the last request of this method and path brought. */
    public JsonNode lastBody(String request) {
        return read(bodies.getOrDefault(request, "null"));
    }

    /** How often this was asked. */
    public long count(String request) {
        return requests.stream().filter(request::equals).count();
    }

    /** Those that would change something, but for the Leases of replicas. */
    public List<String> writes() {
        return requests.stream()
                .filter(request -> !request.startsWith("GET ") && !request.contains(LEASES + "glidepath/"))
                .toList();
    }

    // What is answered otherwise.

    /** The next request of this method and path is answered so, and changes nothing. */
    public void answer(String request, Answer answer) {
        script(request, new Scripted(Optional.of(answer), new CountDownLatch(0)));
    }

    /** The next request of this method and path is answered once it is released. */
    public Held hold(String request) {
        Held held = new Held();
        script(request, new Scripted(Optional.empty(), held.latch));
        return held;
    }

    private void script(String request, Scripted next) {
        scripted.computeIfAbsent(request, _ -> new ConcurrentLinkedQueue<>()).add(next);
    }

    /** The request that evicts this pod. */
    public static String evictionOf(String pod) {
        return "POST /api/v1/namespaces/" + NAMESPACE + "/pods/" + pod + "/eviction";
    }

    /** The request that deletes this pod. */
    public static String deletionOf(String pod) {
        return "DELETE /api/v1/namespaces/" + NAMESPACE + "/pods/" + pod;
    }

    /** The request that patches this node. */
    public static String patchOf(String node) {
        return "PATCH " + NODES + "/" + node;
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        scripted.values().forEach(queue -> queue.forEach(next -> next.when().countDown()));
        server.stop(0);
        threads.shutdownNow();
    }

    private synchronized JsonNode object(String list, String key) {
        ObjectNode found = objects.getOrDefault(list, Map.of()).get(key);
        return found == null ? JSON.missingNode() : found;
    }

    private synchronized ObjectNode put(String list, String key, ObjectNode object) {
        boolean isNew = object(list, key).isMissingNode();
        object.withObject("/metadata").put("resourceVersion", Long.toString(++version));
        objects.computeIfAbsent(list, _ -> new LinkedHashMap<>()).put(key, object);
        tell(new Event(list, isNew ? "ADDED" : "MODIFIED", object.deepCopy(), version));
        return object;
    }

    private synchronized void change(String list, String key, Consumer<ObjectNode> change) {
        if (object(list, key) instanceof ObjectNode found) {
            ObjectNode changed = found.deepCopy();
            change.accept(changed);
            put(list, key, changed);
        }
    }

    private synchronized boolean remove(String list, String key) {
        ObjectNode last = objects.getOrDefault(list, Map.of()).get(key);
        if (last == null) {
            return false;
        }
        objects.getOrDefault(list, Map.of()).remove(key);
        ObjectNode gone = last.deepCopy();
        gone.withObject("/metadata").put("resourceVersion", Long.toString(++version));
        tell(new Event(list, "DELETED", gone, version));
        return true;
    }

    private synchronized void tell(Event event) {
        events.add(event);
        notifyAll();
    }

    // What it speaks.

    private void answer(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
        exchange.getResponseHeaders().set("Connection", "close");
        String method = exchange.getRequestMethod();
        String path = exchange.getRequestURI().getPath();
        Map<String, String> query = query(
                Optional.ofNullable(exchange.getRequestURI().getRawQuery()).orElse(""));
        if (query.containsKey("watch")) {
            watch(exchange, path, query);
            return;
        }
        String request = method + " " + path;
        boolean isList = method.equals("GET") && objectsOf(path).isPresent();
        if (!isList) {
            requests.add(request);
            bodies.put(request, body);
        }
        respond(exchange, scripted(request).orElseGet(() -> {
            try {
                return isList ? list(path, query) : answer(method, path, body);
            } catch (RuntimeException unforeseen) {
                return Answer.failure(500, "the stand-in broke: " + unforeseen);
            }
        }));
    }

    private static void respond(HttpExchange exchange, Answer answer) throws IOException {
        byte[] bytes = answer.body().getBytes(UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(answer.code(), bytes.length == 0 ? -1 : bytes.length);
        try (OutputStream response = exchange.getResponseBody()) {
            response.write(bytes);
        }
    }

    private Optional<Answer> scripted(String request) {
        return Optional.ofNullable(scripted.get(request))
                .flatMap(queue -> Optional.ofNullable(queue.poll()))
                .flatMap(next -> {
                    awaitUninterrupted(next.when());
                    return next.answer();
                });
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    private static Map<String, String> query(String raw) {
        Map<String, String> query = new LinkedHashMap<>();
        for (String pair : raw.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                query.put(pair.substring(0, equals), URLDecoder.decode(pair.substring(equals + 1), UTF_8));
            }
        }
        return query;
    }

    /** Whether a path is that of a list; those of Leases have a namespace. */
    private static Optional<String> objectsOf(String path) {
        boolean isList = path.equals(NODES)
                || path.equals(PODS)
                || path.equals(BUDGETS)
                || path.equals("/api/v1/namespaces")
                || path.equals(ATTACHMENTS)
                || path.equals(LEASES + "glidepath/leases");
        return isList ? Optional.of(path) : Optional.empty();
    }

    private static Predicate<JsonNode> selected(Map<String, String> query) {
        String[] field = query.getOrDefault("fieldSelector", "").split("=", 2);
        return object -> field.length < 2
                || object.at("/" + field[0].replace('.', '/')).asText().equals(field[1]);
    }

    private synchronized Answer list(String path, Map<String, String> query) {
        ObjectNode list = JSON.createObjectNode();
        list.putObject("metadata").put("resourceVersion", Long.toString(version));
        var items = list.putArray("items");
        objects.getOrDefault(path, Map.of()).values().stream()
                .filter(selected(query))
                .forEach(items::add);
        return new Answer(200, list.toString());
    }

    private void watch(HttpExchange exchange, String path, Map<String, String> query) throws IOException {
        long since = Long.parseLong(query.getOrDefault("resourceVersion", "0"));
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream body = exchange.getResponseBody()) {
            body.flush();
            int seen = 0;
            for (List<Event> next = eventsAfter(seen); !next.isEmpty(); next = eventsAfter(seen)) {
                seen += next.size();
                for (Event event : next) {
                    if (event.version() > since
                            && event.list().equals(path)
                            && selected(query).test(event.object())) {
                        ObjectNode line = JSON.createObjectNode().put("type", event.type());
                        line.set("object", event.object());
                        body.write((line + "\n").getBytes(UTF_8));
                    }
                }
                body.flush();
            }
        } catch (IOException gone) {
            exchange.close();
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for one at least; none when it is closed. */
    private synchronized List<Event> eventsAfter(int seen) throws InterruptedException {
        while (events.size() == seen && !closed) {
            wait();
        }
        return closed ? List.of() : List.copyOf(events.subList(seen, events.size()));
    }

    private Answer answer(String method, String path, String body) {
        String[] parts = path.substring(1).split("/", -1);
        String last = parts[parts.length - 1];
        if (path.startsWith(NODES + "/")) {
            return patchNode(last, body);
        }
        if (path.contains("/pods/")) {
            return answerForPod(method, parts);
        }
        if (path.startsWith(LEASES)) {
            return answerForLease(method, path, last, body);
        }
        if (path.startsWith(CLAIMS)) {
            JsonNode claim = object(CLAIMS, last);
            return claim.isMissingNode() ? Answer.failure(404, "not found") : new Answer(200, claim.toString());
        }
        return path.endsWith("/events") ? new Answer(201, "{}") : Answer.failure(404, "not found");
    }

    private synchronized Answer patchNode(String name, String body) {
        if (!(object(NODES, name) instanceof ObjectNode node)) {
            return Answer.failure(404, "nodes \"" + name + "\" not found");
        }
        return JsonPatch.apply(read(body), node)
                .map(patched -> new Answer(200, put(NODES, name, patched).toString()))
                .orElseGet(() -> Answer.failure(422, "the server rejected our request due to an error in our request"));
    }

    private synchronized Answer answerForPod(String method, String[] parts) {
        String name = parts[5];
        boolean isOver = parts[parts.length - 1].equals("eviction") || method.equals("DELETE");
        boolean isThere = !object(PODS, NAMESPACE + "/" + name).isMissingNode();
        if (!isThere) {
            return Answer.failure(404, "pods \"" + name + "\" not found");
        }
        if (isOver) {
            remove(PODS, NAMESPACE + "/" + name);
        }
        return new Answer(method.equals("POST") ? 201 : 200, "{}");
    }

    private synchronized Answer answerForLease(String method, String path, String name, String body) {
        String list = method.equals("POST") ? path : path.substring(0, path.lastIndexOf('/'));
        return switch (method) {
            case "POST" -> {
                ObjectNode lease = parse(body);
                yield new Answer(
                        201,
                        put(list, lease.at("/metadata/name").asText(), lease).toString());
            }
            case "PUT" -> new Answer(200, put(list, name, parse(body)).toString());
            case "DELETE" -> remove(list, name) ? new Answer(200, "{}") : Answer.failure(404, "not found");
            default -> {
                JsonNode lease = object(list, name);
                yield lease.isMissingNode()
                        ? Answer.failure(404, "leases \"" + name + "\" not found")
                        : new Answer(200, lease.toString());
            }
        };
    }

    private static ObjectNode parse(String json) {
        return (ObjectNode) read(json);
    }

    private static JsonNode read(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no JSON: " + json, e);
        }
    }
}
