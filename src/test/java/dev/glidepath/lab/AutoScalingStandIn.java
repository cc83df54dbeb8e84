package dev.glidepath.lab;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.glidepath.event.InstanceId;
import dev.glidepath.event.LifecycleAction;
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
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Auto Scaling on loopback: speaks the Query protocol to the real SDK and holds terminating instances as lifecycle hooks do.
 * An action ends by the one completion that is accepted, or by itself, with the hook's default result, when no heartbeat came
 * in time or the global timeout is over. Time is the clock's; nothing happens by itself in between, it is just so when looked
 * at.
 *
 * @see <a href="https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks-overview.html">How lifecycle hooks work</a>
 * @see <a href="https://docs.aws.amazon.com/autoscaling/ec2/APIReference/CommonErrors.html">Its errors</a>
 */
public final class AutoScalingStandIn implements AutoCloseable {
    private static final String NAMESPACE = "http://autoscaling.amazonaws.com/doc/2011-01-01/";
    private static final String ACCOUNT = "123456789012";

    /**
     * A terminating hook.
     *
     * @param notificationTarget an ARN, or empty
     * @param notificationMetadata passed on with each message, or empty
     */
    public record Hook(
            String group,
            String name,
            Duration heartbeatTimeout,
            Duration globalTimeout,
            HookResult defaultResult,
            String notificationTarget,
            String notificationMetadata) {
        private static final Duration LONGEST = Duration.ofDays(2);

        /** A hook as Auto Scaling makes it when only names are given: an hour for a heartbeat, two days in all, ABANDON. */
        public static Hook of(String group, String name) {
            return new Hook(group, name, Duration.ofHours(1), LONGEST, HookResult.ABANDON, "", "");
        }

        /** Another heartbeat timeout, and the global one that Auto Scaling makes of it. */
        public Hook withHeartbeatTimeout(Duration timeout) {
            Duration most = timeout.multipliedBy(100);
            return withTimeouts(timeout, most.compareTo(LONGEST) < 0 ? most : LONGEST);
        }

        public Hook withTimeouts(Duration heartbeat, Duration global) {
            return new Hook(group, name, heartbeat, global, defaultResult, notificationTarget, notificationMetadata);
        }

        public Hook withDefaultResult(HookResult result) {
            return new Hook(
                    group, name, heartbeatTimeout, globalTimeout, result, notificationTarget, notificationMetadata);
        }

        public Hook withNotificationTarget(String arn) {
            return new Hook(group, name, heartbeatTimeout, globalTimeout, defaultResult, arn, notificationMetadata);
        }

        public Hook withNotificationMetadata(String metadata) {
            return new Hook(group, name, heartbeatTimeout, globalTimeout, defaultResult, notificationTarget, metadata);
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

    /** Requests that hang until this is closed; they are carried out then. */
    @FunctionalInterface
    public interface Hang extends AutoCloseable {
        @Override
        void close();
    }

    private final InstantSource clock;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /** Guards all below; never held while a request hangs. */
    private final Object state = new Object();

    private final Map<String, Map<String, Hook>> groups = new LinkedHashMap<>();
    private final Map<InstanceId, String> instances = new LinkedHashMap<>();
    private final Map<String, Action> actions = new LinkedHashMap<>();
    private final List<Call> calls = new ArrayList<>();
    private final List<Fault> faults = new ArrayList<>();

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
        synchronized (state) {
            faults.forEach(Fault::end);
        }
        server.stop(0);
        threads.shutdownNow();
    }

    /** Where it listens, as {@code AWS_ENDPOINT_URL_AUTO_SCALING} wants it. */
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    // The world.

    /** Adds a hook, or changes it for actions to come, and its group with it. */
    public void addHook(Hook hook) {
        synchronized (state) {
            groups.computeIfAbsent(hook.group(), group -> new LinkedHashMap<>()).put(hook.name(), hook);
        }
    }

    /** Puts an instance in service; {@link #terminate} does so itself for one it does not know. */
    public void addInstance(String group, InstanceId instance) {
        synchronized (state) {
            groups.computeIfAbsent(group, name -> new LinkedHashMap<>());
            instances.put(instance, group);
        }
    }

    /**
     * Terminates an instance: each hook of the group holds it, and EventBridge tells the queue so.
     *
     * @return one action for each hook, in the order they were added
     * @throws IllegalArgumentException when the group has no hook, so that nothing would hold the instance
     */
    public List<LifecycleAction> terminate(String group, InstanceId instance, TestQueue queue) {
        List<Action> begun;
        synchronized (state) {
            Map<String, Hook> hooks = groups.getOrDefault(group, Map.of());
            if (hooks.isEmpty()) {
                throw new IllegalArgumentException("no hook in group " + group + "; add one");
            }
            instances.put(instance, group);
            begun = hooks.values().stream()
                    .map(hook -> new Action(hook, instance, clock.instant()))
                    .toList();
            begun.forEach(action -> actions.put(action.token, action));
        }
        begun.forEach(action -> queue.send(announcement(action)));
        return begun.stream().map(Action::name).toList();
    }

    /** What has become of an action until now. */
    public ActionState stateOf(LifecycleAction action) {
        synchronized (state) {
            return requireNonNull(actions.get(action.token()), "no such action").state(clock.instant());
        }
    }

    /** All requests, oldest first. */
    public List<Call> calls() {
        synchronized (state) {
            return List.copyOf(calls);
        }
    }

    /** The requests for one API action, such as {@code RecordLifecycleActionHeartbeat}. */
    public List<Call> calls(String action) {
        return calls().stream().filter(call -> call.action().equals(action)).toList();
    }

    /** The attempts to complete an action, accepted or not. */
    public List<Call> completionsOf(String token) {
        return calls("CompleteLifecycleAction").stream()
                .filter(call -> call.isAbout(token))
                .toList();
    }

    /** The heartbeats for an action, accepted or not. */
    public List<Call> heartbeatsOf(String token) {
        return calls("RecordLifecycleActionHeartbeat").stream()
                .filter(call -> call.isAbout(token))
                .toList();
    }

    // Faults. Each is for the API actions named, or for all when none is named; the oldest that fits is met first.

    /** Refuses the next requests as too many. */
    public void throttleNext(int requests, String... apiActions) {
        add(new Fault(Set.of(apiActions), requests, new CountDownLatch(0), Duration.ZERO, call -> {
            throw new Refusal(400, "Throttling", "Rate exceeded");
        }));
    }

    /** Fails the next requests with a fault of its own. */
    public void failNext(int requests, String... apiActions) {
        add(new Fault(Set.of(apiActions), requests, new CountDownLatch(0), Duration.ZERO, call -> {
            throw new Refusal(500, "InternalFailure", "The request processing has failed because of an unknown error.");
        }));
    }

    /** Refuses requests from now on for want of a permission, until {@link #heal}. */
    public void deny(String... apiActions) {
        add(new Fault(Set.of(apiActions), Integer.MAX_VALUE, new CountDownLatch(0), Duration.ZERO, call -> {
            throw new Refusal(
                    403,
                    "AccessDenied",
                    "User: arn:aws:sts::%s:assumed-role/glidepath/test is not authorized to perform: autoscaling:%s"
                            .formatted(ACCOUNT, call.action()));
        }));
    }

    /** Lets requests hang from now on, until the answer is closed. */
    public Hang hang(String... apiActions) {
        return hangAtMost(Duration.ofDays(1), apiActions);
    }

    /** Lets requests hang from now on, each for so long at most, until the answer is closed. */
    public Hang hangAtMost(Duration time, String... apiActions) {
        var released = new CountDownLatch(1);
        var fault = new Fault(Set.of(apiActions), Integer.MAX_VALUE, released, time, call -> {});
        add(fault);
        return () -> {
            synchronized (state) {
                faults.remove(fault);
            }
            fault.end();
        };
    }

    /** Ends all faults. */
    public void heal() {
        synchronized (state) {
            faults.forEach(Fault::end);
            faults.clear();
        }
    }

    private void add(Fault fault) {
        synchronized (state) {
            faults.add(fault);
        }
    }

    // The API.

    private void handle(HttpExchange exchange) throws IOException {
        String requestId = UUID.randomUUID().toString();
        try (exchange) {
            Map<String, String> parameters =
                    parameters(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
            var call = new Call(parameters.getOrDefault("Action", ""), parameters, clock.instant());
            String xml;
            int status = 200;
            try {
                meetFault(call);
                xml = """
                        <%1$sResponse xmlns="%2$s">%3$s<ResponseMetadata><RequestId>%4$s</RequestId></ResponseMetadata>\
                        </%1$sResponse>""".formatted(call.action(), NAMESPACE, answer(call), requestId);
            } catch (Refusal refusal) {
                status = refusal.status;
                xml = """
                        <ErrorResponse xmlns="%s"><Error><Type>%s</Type><Code>%s</Code><Message>%s</Message></Error>\
                        <RequestId>%s</RequestId></ErrorResponse>""".formatted(
                                NAMESPACE,
                                status < 500 ? "Sender" : "Receiver",
                                refusal.code,
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

    private void meetFault(Call call) throws Refusal {
        Optional<Fault> met;
        synchronized (state) {
            calls.add(call);
            met = faults.stream().filter(fault -> fault.fits(call)).findFirst();
            met.filter(Fault::isUsedUp).ifPresent(faults::remove);
        }
        if (met.isPresent()) {
            met.get().befall(call);
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
                <LifecycleTransition>autoscaling:EC2_INSTANCE_TERMINATING</LifecycleTransition>\
                <HeartbeatTimeout>%d</HeartbeatTimeout><GlobalTimeout>%d</GlobalTimeout>\
                <DefaultResult>%s</DefaultResult>%s%s</member>""".formatted(
                        escaped(hook.group()),
                        escaped(hook.name()),
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
        List<ActionState> states = actions.values().stream()
                .filter(action -> action.instance.equals(instance))
                .map(action -> action.state(now))
                .toList();
        if (states.isEmpty()) {
            return "InService";
        }
        return states.stream().anyMatch(ActionState.Waiting.class::isInstance)
                ? "Terminating:Wait"
                : "Terminating:Proceed";
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

    /** What EventBridge delivers, in the shape of {@code events/asg-terminate.json}. */
    private static String announcement(Action action) {
        ObjectNode event = JsonNodeFactory.instance.objectNode();
        event.put("version", "0")
                .put("id", UUID.randomUUID().toString())
                .put("detail-type", "EC2 Instance-terminate Lifecycle Action")
                .put("source", "aws.autoscaling")
                .put("account", ACCOUNT)
                .put("time", action.begunAt.truncatedTo(ChronoUnit.SECONDS).toString())
                .put("region", TestQueue.REGION)
                .putArray("resources")
                .add("arn:aws:autoscaling:%s:%s:autoScalingGroup:%s:autoScalingGroupName/%s"
                        .formatted(
                                TestQueue.REGION,
                                ACCOUNT,
                                UUID.nameUUIDFromBytes(action.hook.group().getBytes(UTF_8)),
                                action.hook.group()));
        ObjectNode detail = event.putObject("detail")
                .put("LifecycleActionToken", action.token)
                .put("AutoScalingGroupName", action.hook.group())
                .put("LifecycleHookName", action.hook.name())
                .put("EC2InstanceId", action.instance.value())
                .put("LifecycleTransition", "autoscaling:EC2_INSTANCE_TERMINATING");
        if (!action.hook.notificationMetadata().isEmpty()) {
            detail.put("NotificationMetadata", action.hook.notificationMetadata());
        }
        detail.put("Origin", "AutoScalingGroup").put("Destination", "EC2");
        return event.toString();
    }

    private static final class Action {
        private final String token = UUID.randomUUID().toString();
        private final Hook hook;
        private final InstanceId instance;
        private final Instant begunAt;
        private Instant lastHeartbeat;
        private @Nullable ActionState end;

        Action(Hook hook, InstanceId instance, Instant begunAt) {
            this.hook = hook;
            this.instance = instance;
            this.begunAt = begunAt;
            this.lastHeartbeat = begunAt;
        }

        LifecycleAction name() {
            return new LifecycleAction(hook.group(), hook.name(), token, instance);
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

    /** An answer that is no success. */
    private static final class Refusal extends Exception {
        private static final long serialVersionUID = 1L;

        private final int status;
        private final String code;

        Refusal(int status, String code, String message) {
            super(message);
            this.status = status;
            this.code = code;
        }
    }

    @FunctionalInterface
    private interface Effect {
        void on(Call call) throws Refusal;
    }

    private static final class Fault {
        private final Set<String> apiActions;
        private final CountDownLatch released;
        private final Duration atMost;
        private final Effect effect;
        private int left;

        Fault(Set<String> apiActions, int requests, CountDownLatch released, Duration atMost, Effect effect) {
            this.apiActions = apiActions;
            this.left = requests;
            this.released = released;
            this.atMost = atMost;
            this.effect = effect;
        }

        boolean fits(Call call) {
            return apiActions.isEmpty() || apiActions.contains(call.action());
        }

        /** Counts one request more. */
        boolean isUsedUp() {
            left--;
            return left <= 0;
        }

        void befall(Call call) throws Refusal {
            try {
                var _ = released.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException closing) {
                Thread.currentThread().interrupt();
            }
            effect.on(call);
        }

        void end() {
            released.countDown();
        }
    }
}
