package dev.glidepath.lab;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.LifecycleAction;
import dev.glidepath.event.LifecycleToken;
import dev.glidepath.lab.AutoScalingFaults.Refusal;
import dev.glidepath.lifecycle.HookResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Auto Scaling on loopback: speaks the Query protocol to the real SDK and holds instances as lifecycle hooks do.
 * An action ends by the one completion that is accepted, or by itself, with the hook's default result, when no heartbeat came
 * in time or the global timeout is over. Time is the clock's; nothing happens by itself in between, it is just so when looked
 * at.
 *
 * @see <a href="https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks-overview.html">How lifecycle hooks work</a>
 */
public final class AutoScalingStandIn implements AutoCloseable {
    private static final String NAMESPACE = "http://autoscaling.amazonaws.com/doc/2011-01-01/";

    /** When a hook holds an instance. */
    public enum Transition {
        LAUNCHING("EC2 Instance-launch Lifecycle Action", "Pending"),
        TERMINATING("EC2 Instance-terminate Lifecycle Action", "Terminating");

        private final String detailType;
        private final String state;

        Transition(String detailType, String state) {
            this.detailType = detailType;
            this.state = state;
        }

        String detailType() {
            return detailType;
        }

        /** As the API and its messages write it. */
        String word() {
            return "autoscaling:EC2_INSTANCE_" + name();
        }
    }

    /** Where an instance comes from and goes to. */
    public enum Place {
        EC2("EC2"),
        AUTO_SCALING_GROUP("AutoScalingGroup"),
        WARM_POOL("WarmPool");

        private final String word;

        Place(String word) {
            this.word = word;
        }

        /** As messages write it. */
        String word() {
            return word;
        }
    }

    /**
     * A hook.
     *
     * @param notificationTarget an ARN, or empty
     * @param notificationMetadata passed on with each message, or empty
     */
    public record Hook(
            String group,
            String name,
            Transition transition,
            Duration heartbeatTimeout,
            Duration globalTimeout,
            HookResult defaultResult,
            String notificationTarget,
            String notificationMetadata) {
        private static final Duration LONGEST = Duration.ofDays(2);

        /** A terminating hook as Auto Scaling makes it when only names are given: an hour for a heartbeat, two days in all, ABANDON. */
        public static Hook of(String group, String name) {
            return of(group, name, Transition.TERMINATING);
        }

        /** The same, launching. */
        public static Hook launching(String group, String name) {
            return of(group, name, Transition.LAUNCHING);
        }

        private static Hook of(String group, String name, Transition transition) {
            return new Hook(group, name, transition, Duration.ofHours(1), LONGEST, HookResult.ABANDON, "", "");
        }

        /** Another heartbeat timeout, and the global one that Auto Scaling makes of it. */
        public Hook withHeartbeatTimeout(Duration timeout) {
            Duration most = timeout.multipliedBy(100);
            return withTimeouts(timeout, most.compareTo(LONGEST) < 0 ? most : LONGEST);
        }

        public Hook withTimeouts(Duration heartbeat, Duration global) {
            return new Hook(
                    group,
                    name,
                    transition,
                    heartbeat,
                    global,
                    defaultResult,
                    notificationTarget,
                    notificationMetadata);
        }

        public Hook withDefaultResult(HookResult result) {
            return new Hook(
                    group,
                    name,
                    transition,
                    heartbeatTimeout,
                    globalTimeout,
                    result,
                    notificationTarget,
                    notificationMetadata);
        }

        /** Notifies that queue or topic itself, besides what EventBridge tells. */
        public Hook withNotificationTarget(String arn) {
            return new Hook(
                    group, name, transition, heartbeatTimeout, globalTimeout, defaultResult, arn, notificationMetadata);
        }

        public Hook withNotificationMetadata(String metadata) {
            return new Hook(
                    group,
                    name,
                    transition,
                    heartbeatTimeout,
                    globalTimeout,
                    defaultResult,
                    notificationTarget,
                    metadata);
        }
    }

    /** What has become of an action. */
    public sealed interface ActionState {
        /** The instance waits; without a heartbeat, until then. */
        record Waiting(Instant until) implements ActionState {}

        /** A completion was accepted; the only one. */
        record Completed(HookResult result, Instant at) implements ActionState {}

        /** Nobody asked in time. */
        record Expired(HookResult result, Instant at) implements ActionState {}
    }

    /** One request as it came in, whatever became of it. */
    public record Call(String action, Map<String, String> parameters, Instant at) {
        public Call {
            parameters = Map.copyOf(parameters);
        }

        private boolean isAbout(String token) {
            return token.equals(parameters.get("LifecycleActionToken"));
        }
    }

    private final InstantSource clock;
    private final HttpServer server;
    private final AutoScalingFaults faults = new AutoScalingFaults();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /** Guards all below. */
    private final Object state = new Object();

    private final Map<String, Map<String, Hook>> groups = new LinkedHashMap<>();
    private final Map<InstanceId, String> instances = new LinkedHashMap<>();
    private final Map<String, Action> actions = new LinkedHashMap<>();
    private final Map<String, TestQueue> topics = new HashMap<>();
    private final List<Call> calls = new ArrayList<>();
    private Duration findsActionsAfter = Duration.ZERO;

    private AutoScalingStandIn(InstantSource clock, HttpServer server) {
        this.clock = clock;
        this.server = server;
    }

    /** Starts on a free port. */
    public static AutoScalingStandIn start(InstantSource clock) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            var standIn = new AutoScalingStandIn(clock, server);
            server.setExecutor(standIn.threads);
            server.createContext("/", standIn::handle);
            server.start();
            return standIn;
        } catch (IOException noPort) {
            throw new UncheckedIOException(noPort);
        }
    }

    @Override
    public void close() {
        faults.heal();
        server.stop(0);
        threads.shutdownNow();
    }

    /** Where it listens, as {@code AWS_ENDPOINT_URL_AUTO_SCALING} wants it. */
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** What shall go wrong. */
    public AutoScalingFaults faults() {
        return faults;
    }

    // The world.

    /** Adds a hook, or changes it for actions to come, and its group with it. */
    public void addHook(Hook hook) {
        synchronized (state) {
            groups.computeIfAbsent(hook.group(), group -> new LinkedHashMap<>()).put(hook.name(), hook);
        }
    }

    /**
     * From now on no action is found before it is so old, though it is announced at once: Auto Scaling is eventually consistent.
     */
    public void findActionsAfter(Duration age) {
        synchronized (state) {
            findsActionsAfter = age;
        }
    }

    /** A topic that feeds the queue from now on, without raw delivery. */
    public void subscribe(String topicArn, TestQueue queue) {
        synchronized (state) {
            topics.put(topicArn, queue);
        }
    }

    /** Puts an instance in service; {@link #terminate} and {@link #launch} do so themselves for one they do not know. */
    public void addInstance(String group, InstanceId instance) {
        synchronized (state) {
            groups.computeIfAbsent(group, name -> new LinkedHashMap<>());
            instances.put(instance, group);
        }
    }

    /**
     * Terminates an instance: each terminating hook of the group holds it, and EventBridge tells the queue so. A hook whose
     * target is this queue, or a topic that was subscribed, sends its own message besides.
     *
     * @return one action for each hook, in the order they were added
     * @throws IllegalArgumentException when the group has no such hook, so that nothing would hold the instance
     */
    public List<LifecycleAction> terminate(String group, InstanceId instance, TestQueue queue) {
        return terminate(group, instance, Place.EC2, queue);
    }

    /** The same for an instance that may go to the warm pool instead. */
    public List<LifecycleAction> terminate(String group, InstanceId instance, Place destination, TestQueue queue) {
        return begin(Transition.TERMINATING, group, instance, Place.AUTO_SCALING_GROUP, destination, queue);
    }

    /** Launches an instance: each launching hook of the group holds it, and the queue is told as by {@link #terminate}. */
    public List<LifecycleAction> launch(String group, InstanceId instance, TestQueue queue) {
        return launch(group, instance, Place.EC2, Place.AUTO_SCALING_GROUP, queue);
    }

    /** The same for an instance that comes from the warm pool or goes into it. */
    public List<LifecycleAction> launch(
            String group, InstanceId instance, Place origin, Place destination, TestQueue queue) {
        return begin(Transition.LAUNCHING, group, instance, origin, destination, queue);
    }

    private List<LifecycleAction> begin(
            Transition transition,
            String group,
            InstanceId instance,
            Place origin,
            Place destination,
            TestQueue queue) {
        List<Action> begun;
        Map<String, TestQueue> subscribed;
        synchronized (state) {
            begun = groups.getOrDefault(group, Map.of()).values().stream()
                    .filter(hook -> hook.transition() == transition)
                    .map(hook -> new Action(hook, instance, origin, destination, clock.instant()))
                    .toList();
            if (begun.isEmpty()) {
                throw new IllegalArgumentException("no such hook in group " + group + "; add one");
            }
            instances.put(instance, group);
            begun.forEach(action -> actions.put(action.token, action));
            subscribed = Map.copyOf(topics);
        }
        for (Action action : begun) {
            queue.send(LifecycleMessage.ofEventBridge(action));
            String target = action.hook.notificationTarget();
            if (target.equals(queue.arn())) {
                queue.send(LifecycleMessage.direct(action));
            } else if (subscribed.containsKey(target)) {
                requireNonNull(subscribed.get(target)).send(LifecycleMessage.bySns(action));
            }
        }
        return begun.stream().map(Action::name).toList();
    }

    /** EventBridge tells of an action once more, as it may at any time. */
    public void tellAgain(LifecycleAction action, TestQueue queue) {
        queue.send(LifecycleMessage.ofEventBridge(known(action)));
    }

    /** Ends an action as if nobody had asked for more time. */
    public void expire(LifecycleAction action) {
        Action known = known(action);
        synchronized (state) {
            known.end(new ActionState.Expired(known.hook.defaultResult(), clock.instant()));
        }
    }

    private Action known(LifecycleAction action) {
        synchronized (state) {
            return actions.values().stream()
                    .filter(each -> each.name().equals(action))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("no such action"));
        }
    }

    /** What has become of an action until now. */
    public ActionState stateOf(LifecycleAction action) {
        synchronized (state) {
            return known(action).state(clock.instant());
        }
    }

    /** Its token, by which the API knows it. */
    public String tokenOf(LifecycleAction action) {
        return known(action).token;
    }

    /** All requests, oldest first. */
    public List<Call> calls() {
        synchronized (state) {
            return List.copyOf(calls);
        }
    }

    /** Those that are about a group that may exist: not the program's try of its own permissions. */
    public List<Call> callsAboutGroups() {
        return calls().stream()
                .filter(call ->
                        !"glidepath-permission-check".equals(call.parameters().get("AutoScalingGroupName")))
                .toList();
    }

    /** The requests for one API action, such as {@code RecordLifecycleActionHeartbeat}. */
    public List<Call> calls(String action) {
        return calls().stream().filter(call -> call.action().equals(action)).toList();
    }

    /** The attempts to complete an action, accepted or not. */
    public List<Call> completionsOf(LifecycleAction action) {
        return calls("CompleteLifecycleAction").stream()
                .filter(call -> call.isAbout(tokenOf(action)))
                .toList();
    }

    /** The heartbeats for an action, accepted or not. */
    public List<Call> heartbeatsOf(LifecycleAction action) {
        return calls("RecordLifecycleActionHeartbeat").stream()
                .filter(call -> call.isAbout(tokenOf(action)))
                .toList();
    }

    // The API.

    private void handle(HttpExchange exchange) throws IOException {
        String requestId = UUID.randomUUID().toString();
        try (exchange) {
            Map<String, String> parameters =
                    parameters(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
            var call = new Call(parameters.getOrDefault("Action", ""), parameters, clock.instant());
            synchronized (state) {
                calls.add(call);
            }
            String xml;
            int status = 200;
            try {
                faults.meet(call);
                xml = """
                        <%1$sResponse xmlns="%2$s">%3$s<ResponseMetadata><RequestId>%4$s</RequestId></ResponseMetadata>\
                        </%1$sResponse>""".formatted(call.action(), NAMESPACE, answer(call), requestId);
            } catch (Refusal refusal) {
                status = refusal.status();
                xml = """
                        <ErrorResponse xmlns="%s"><Error><Type>%s</Type><Code>%s</Code><Message>%s</Message></Error>\
                        <RequestId>%s</RequestId></ErrorResponse>""".formatted(
                                NAMESPACE,
                                status < 500 ? "Sender" : "Receiver",
                                refusal.code(),
                                escaped(String.valueOf(refusal.getMessage())),
                                requestId);
            }
            byte[] body = xml.getBytes(UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/xml");
            exchange.getResponseHeaders().set("x-amzn-RequestId", requestId);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private String answer(Call call) throws Refusal {
        synchronized (state) {
            return switch (call.action()) {
                case "CompleteLifecycleAction" -> complete(call);
                case "RecordLifecycleActionHeartbeat" -> heartbeat(call);
                case "DescribeLifecycleHooks" -> describeHooks(call);
                case "DescribeAutoScalingInstances" -> describeInstances(call);
                default ->
                    throw new Refusal(
                            400,
                            "InvalidAction",
                            "The action " + call.action() + " is not valid for this web service.");
            };
        }
    }

    private String complete(Call call) throws Refusal {
        HookResult result = switch (call.parameters().getOrDefault("LifecycleActionResult", "")) {
            case "CONTINUE" -> HookResult.CONTINUE;
            case "ABANDON" -> HookResult.ABANDON;
            default -> throw new Refusal(400, "ValidationError", "Invalid LifecycleActionResult: CONTINUE or ABANDON");
        };
        Instant now = clock.instant();
        activeAction(call, now).end(new ActionState.Completed(result, now));
        return "<CompleteLifecycleActionResult/>";
    }

    private String heartbeat(Call call) throws Refusal {
        Instant now = clock.instant();
        activeAction(call, now).lastHeartbeat = now;
        return "<RecordLifecycleActionHeartbeatResult/>";
    }

    /** By token, or else by instance id, as the API has it. */
    private Action activeAction(Call call, Instant now) throws Refusal {
        hooksOf(call);
        String token = call.parameters().get("LifecycleActionToken");
        String instance = call.parameters().get("InstanceId");
        Predicate<Action> isMeant = token != null
                ? action -> action.token.equals(token)
                : action -> action.instance.value().equals(instance);
        return actions.values().stream()
                .filter(isMeant)
                .filter(action -> action.hook.name().equals(call.parameters().get("LifecycleHookName")))
                .filter(action -> action.hook.group().equals(call.parameters().get("AutoScalingGroupName")))
                .filter(action -> action.state(now) instanceof ActionState.Waiting)
                .filter(action -> !now.isBefore(action.begunAt.plus(findsActionsAfter)))
                .findFirst()
                .orElseThrow(() -> new Refusal(
                        400,
                        "ValidationError",
                        "No active Lifecycle Action found with "
                                + (token != null ? "token " + token : "instance ID " + instance)));
    }

    private Map<String, Hook> hooksOf(Call call) throws Refusal {
        Map<String, Hook> hooks = groups.get(call.parameters().getOrDefault("AutoScalingGroupName", ""));
        if (hooks == null) {
            throw new Refusal(400, "ValidationError", "AutoScalingGroup name not found - null");
        }
        return hooks;
    }

    private String describeHooks(Call call) throws Refusal {
        Set<String> wanted = members(call, "LifecycleHookNames");
        return hooksOf(call).values().stream()
                .filter(hook -> wanted.isEmpty() || wanted.contains(hook.name()))
                .map(AutoScalingStandIn::member)
                .collect(Collectors.joining(
                        "",
                        "<DescribeLifecycleHooksResult><LifecycleHooks>",
                        "</LifecycleHooks></DescribeLifecycleHooksResult>"));
    }

    private static String member(Hook hook) {
        return """
                <member><AutoScalingGroupName>%s</AutoScalingGroupName><LifecycleHookName>%s</LifecycleHookName>\
                <LifecycleTransition>%s</LifecycleTransition>\
                <HeartbeatTimeout>%d</HeartbeatTimeout><GlobalTimeout>%d</GlobalTimeout>\
                <DefaultResult>%s</DefaultResult>%s%s</member>""".formatted(
                        escaped(hook.group()),
                        escaped(hook.name()),
                        hook.transition().word(),
                        hook.heartbeatTimeout().toSeconds(),
                        hook.globalTimeout().toSeconds(),
                        hook.defaultResult(),
                        element("NotificationTargetARN", hook.notificationTarget()),
                        element("NotificationMetadata", hook.notificationMetadata()));
    }

    private String describeInstances(Call call) {
        Set<String> wanted = members(call, "InstanceIds");
        Instant now = clock.instant();
        return instances.entrySet().stream()
                .filter(instance ->
                        wanted.isEmpty() || wanted.contains(instance.getKey().value()))
                .map(instance -> """
                        <member><InstanceId>%s</InstanceId><AutoScalingGroupName>%s</AutoScalingGroupName>\
                        <AvailabilityZone>eu-west-1a</AvailabilityZone><LifecycleState>%s</LifecycleState>\
                        <HealthStatus>HEALTHY</HealthStatus><ProtectedFromScaleIn>false</ProtectedFromScaleIn></member>""".formatted(
                        instance.getKey(), escaped(instance.getValue()), lifecycleState(instance.getKey(), now)))
                .collect(Collectors.joining(
                        "",
                        "<DescribeAutoScalingInstancesResult><AutoScalingInstances>",
                        "</AutoScalingInstances></DescribeAutoScalingInstancesResult>"));
    }

    private String lifecycleState(InstanceId instance, Instant now) {
        Map<Transition, List<ActionState>> states = actions.values().stream()
                .filter(action -> action.instance.equals(instance))
                .collect(Collectors.groupingBy(
                        action -> action.hook.transition(),
                        () -> new EnumMap<>(Transition.class),
                        Collectors.mapping(action -> action.state(now), Collectors.toList())));
        for (Map.Entry<Transition, List<ActionState>> each : states.entrySet()) {
            if (each.getValue().stream().anyMatch(ActionState.Waiting.class::isInstance)) {
                return each.getKey().state + ":Wait";
            }
        }
        return states.containsKey(Transition.TERMINATING) ? "Terminating:Proceed" : "InService";
    }

    private static Set<String> members(Call call, String name) {
        return call.parameters().entrySet().stream()
                .filter(parameter -> parameter.getKey().startsWith(name + ".member."))
                .map(Map.Entry::getValue)
                .collect(Collectors.toSet());
    }

    private static Map<String, String> parameters(String form) {
        Map<String, String> parameters = new HashMap<>();
        Stream.of(form.split("&")).filter(pair -> pair.contains("=")).forEach(pair -> {
            int equals = pair.indexOf('=');
            parameters.put(
                    URLDecoder.decode(pair.substring(0, equals), UTF_8),
                    URLDecoder.decode(pair.substring(equals + 1), UTF_8));
        });
        return parameters;
    }

    private static String element(String name, String value) {
        return value.isEmpty() ? "" : "<%1$s>%2$s</%1$s>".formatted(name, escaped(value));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    /** An instance that a hook holds, or held. */
    static final class Action {
        final String token = UUID.randomUUID().toString();
        final Hook hook;
        final InstanceId instance;
        final Place origin;
        final Place destination;
        final Instant begunAt;
        private Instant lastHeartbeat;
        private @Nullable ActionState end;

        private Action(Hook hook, InstanceId instance, Place origin, Place destination, Instant begunAt) {
            this.hook = hook;
            this.instance = instance;
            this.origin = origin;
            this.destination = destination;
            this.begunAt = begunAt;
            this.lastHeartbeat = begunAt;
        }

        LifecycleAction name() {
            return LifecycleAction.of(hook.group(), hook.name(), new LifecycleToken(token), instance);
        }

        void end(ActionState how) {
            end = how;
        }

        ActionState state(Instant now) {
            if (end != null) {
                return end;
            }
            Instant withoutHeartbeat = lastHeartbeat.plus(hook.heartbeatTimeout());
            Instant atMost = begunAt.plus(hook.globalTimeout());
            Instant until = withoutHeartbeat.isBefore(atMost) ? withoutHeartbeat : atMost;
            return now.isBefore(until)
                    ? new ActionState.Waiting(until)
                    : new ActionState.Expired(hook.defaultResult(), until);
        }
    }
}
