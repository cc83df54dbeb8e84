package dev.glidepath.drain.eviction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.drain.eviction.EvictionOutcome.BlockedByBudget;
import dev.glidepath.drain.eviction.EvictionOutcome.Evicted;
import dev.glidepath.drain.eviction.EvictionOutcome.Failed;
import dev.glidepath.drain.eviction.EvictionOutcome.Forbidden;
import dev.glidepath.drain.eviction.EvictionOutcome.Gone;
import dev.glidepath.drain.eviction.EvictionOutcome.NamespaceTerminating;
import dev.glidepath.drain.eviction.EvictionOutcome.OtherPod;
import dev.glidepath.drain.eviction.EvictionOutcome.Overloaded;
import dev.glidepath.drain.eviction.EvictionOutcome.RefusedByPolicy;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What an answer to an eviction means, in the API server's own words. */
class EvictorTest {
    static Stream<Arguments> answers() {
        return Stream.of(
                answer("evicted", 201, "{'kind':'Status','status':'Success','code':201}", new Evicted()),
                answer("evicted, as documented", 200, "{'kind':'Status','status':'Success'}", new Evicted()),
                answer(
                        "budget without room",
                        429,
                        tooMany("The disruption budget web needs 2 healthy pods and has 2 currently", ""),
                        new BlockedByBudget(
                                "web", "The disruption budget web needs 2 healthy pods and has 2 currently")),
                answer(
                        "budget not reckoned with yet",
                        429,
                        tooMany(
                                "The disruption budget web is still being processed by the server.",
                                ",'retryAfterSeconds':10"),
                        new BlockedByBudget(
                                "web", "The disruption budget web is still being processed by the server.")),
                answer(
                        "budget whose words we do not know",
                        429,
                        tooMany("please wait", ""),
                        new BlockedByBudget("", "please wait")),
                answer(
                        "too many requests in flight",
                        429,
                        "Too many requests, please try again later.\n",
                        new Overloaded("the API server is busy")),
                answer(
                        "too many requests in flight, as a Status",
                        429,
                        "{'kind':'Status','status':'Failure','message':'too many requests, please try again later',"
                                + "'reason':'TooManyRequests','details':{'retryAfterSeconds':1},'code':429}",
                        new Overloaded("the API server is busy")),
                answer(
                        "two budgets on the pod",
                        500,
                        failure(
                                500,
                                "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."),
                        new RefusedByPolicy(
                                500,
                                "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.")),
                answer(
                        "webhook's default",
                        400,
                        failure(400, "admission webhook \\\"guard.example\\\" denied the request: not today"),
                        new RefusedByPolicy(400, "admission webhook \"guard.example\" denied the request: not today")),
                answer(
                        "webhook, forbidding",
                        403,
                        failure(403, "admission webhook \\\"guard.example\\\" denied the request: not today"),
                        new RefusedByPolicy(403, "admission webhook \"guard.example\" denied the request: not today")),
                answer(
                        "webhook, as Strimzi's",
                        500,
                        failure(500, "admission webhook \\\"drain.strimzi.io\\\" denied the request: will be drained"),
                        new RefusedByPolicy(
                                500, "admission webhook \"drain.strimzi.io\" denied the request: will be drained")),
                answer(
                        "policy",
                        422,
                        failure(422, "pods \\\"web-0\\\" is forbidden: ValidatingAdmissionPolicy p denied request: no"),
                        new RefusedByPolicy(
                                422, "pods \"web-0\" is forbidden: ValidatingAdmissionPolicy p denied request: no")),
                answer(
                        "webhook that is down",
                        500,
                        failure(500, "Internal error occurred: failed calling webhook: connection refused"),
                        new Failed("the API server answered 500: Internal error occurred: failed calling webhook:"
                                + " connection refused")),
                answer(
                        "etcd that is slow",
                        500,
                        failure(500, "etcdserver: request timed out"),
                        new Failed("the API server answered 500: etcdserver: request timed out")),
                answer(
                        "namespace being deleted",
                        403,
                        "{'kind':'Status','status':'Failure','reason':'Forbidden','message':'pods \\\"web-0\\\" is forbidden:"
                                + " unable to create new content in namespace shop because it is being terminated',"
                                + "'details':{'name':'web-0','kind':'pods','causes':[{'reason':'NamespaceTerminating',"
                                + "'message':'namespace shop is being terminated','field':'metadata.namespace'}]},'code':403}",
                        new NamespaceTerminating()),
                answer(
                        "budget's status broken",
                        403,
                        failure(
                                403,
                                "poddisruptionbudgets.policy \\\"web\\\" is forbidden: pdb disruptions allowed is negative"),
                        new RefusedByPolicy(
                                403,
                                "poddisruptionbudgets.policy \"web\" is forbidden: pdb disruptions allowed is negative")),
                answer(
                        "no right to evict",
                        403,
                        failure(
                                403,
                                "pods \\\"web-0\\\" is forbidden: User \\\"system:serviceaccount:a:b\\\" cannot create resource"
                                        + " \\\"pods/eviction\\\" in API group \\\"\\\" in the namespace \\\"shop\\\""),
                        new Forbidden("may not evict: the ClusterRole needs pods/eviction: create")),
                answer(
                        "credentials not accepted",
                        401,
                        failure(401, "Unauthorized"),
                        new Forbidden("the API server does not accept our credentials")),
                answer("no such pod", 404, failure(404, "pods \\\"web-0\\\" not found"), new Gone()),
                answer(
                        "another pod of that name",
                        409,
                        failure(
                                409,
                                "Operation cannot be fulfilled on pods \\\"web-0\\\": Precondition failed:"
                                        + " UID in precondition: a, UID in object meta: b"),
                        new OtherPod()),
                answer(
                        "another pod of that name, found earlier",
                        409,
                        failure(
                                409,
                                "Operation cannot be fulfilled on pods \\\"web-0\\\": the UID in the precondition (a) does not"
                                        + " match the UID in record (b). The object might have been deleted and then recreated"),
                        new OtherPod()),
                answer(
                        "pod that keeps changing",
                        409,
                        failure(
                                409,
                                "Operation cannot be fulfilled on pods \\\"web-0\\\": the object has been modified;"
                                        + " please apply your changes to the latest version and try again"),
                        new Failed("the pod changed while it was asked for")),
                answer(
                        "conflicts over a budget",
                        504,
                        "{'kind':'Status','status':'Failure','reason':'Timeout','details':{'retryAfterSeconds':10},'code':504}",
                        new Failed("the API server answered 504")),
                answer("a proxy's answer", 503, "<html>no backend</html>", new Failed("the API server answered 503")),
                answer("nothing said", 500, "", new Failed("the API server answered 500: ")),
                answer(
                        "an odd Status",
                        429,
                        "{'details':{'causes':'many'}}",
                        new Overloaded("the API server is busy")));
    }

    @ParameterizedTest
    @MethodSource("answers")
    void readsTheAnswer(int code, String body, EvictionOutcome outcome) {
        assertThat(Evictor.outcome(new ApiServer.Answer(code, body.replace('\'', '"'))))
                .isEqualTo(outcome);
    }

    private static Arguments answer(String what, int code, String body, EvictionOutcome outcome) {
        return arguments(named(what + ": " + code, code), body, outcome);
    }

    private static String failure(int code, String message) {
        return "{'kind':'Status','apiVersion':'v1','metadata':{},'status':'Failure','message':'" + message + "','code':"
                + code + "}";
    }

    private static String tooMany(String cause, String more) {
        return "{'kind':'Status','apiVersion':'v1','metadata':{},'status':'Failure',"
                + "'message':'Cannot evict pod as it would violate the pod disruption budget.',"
                + "'reason':'TooManyRequests','details':{'causes':[{'reason':'DisruptionBudget','message':'" + cause
                + "'}]" + more + "},'code':429}";
    }
}
