package dev.glidepath.drain.eviction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.glidepath.apiserver.ApiServer;
import dev.glidepath.drain.eviction.EvictionOutcome.BlockedByBudget;
import dev.glidepath.drain.eviction.EvictionOutcome.BudgetBroken;
import dev.glidepath.drain.eviction.EvictionOutcome.BudgetStale;
import dev.glidepath.drain.eviction.EvictionOutcome.Evicted;
import dev.glidepath.drain.eviction.EvictionOutcome.Failed;
import dev.glidepath.drain.eviction.EvictionOutcome.Forbidden;
import dev.glidepath.drain.eviction.EvictionOutcome.Gone;
import dev.glidepath.drain.eviction.EvictionOutcome.NamespaceTerminating;
import dev.glidepath.drain.eviction.EvictionOutcome.OtherPod;
import dev.glidepath.drain.eviction.EvictionOutcome.Overloaded;
import dev.glidepath.drain.eviction.EvictionOutcome.RefusedByPolicy;
import dev.glidepath.drain.eviction.EvictionOutcome.SeveralBudgets;
import dev.glidepath.drain.eviction.EvictionOutcome.TimedOut;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What an answer to an eviction means, in the API server's own words. */
class EvictorTest {
    static Stream<Arguments> answers() {
        return Stream.of(
                answer(
                        "evicted",
                        201,
                        "{'kind':'Status','apiVersion':'v1','metadata':{},'status':'Success','code':201}",
                        new Evicted()),
                answer("evicted, as documented", 200, "{'kind':'Status','status':'Success'}", new Evicted()),
                answer(
                        "budget without room",
                        429,
                        tooMany("The disruption budget web needs 2 healthy pods and has 2 currently", ""),
                        new BlockedByBudget(
                                "web", "The disruption budget web needs 2 healthy pods and has 2 currently")),
                answer(
                        "budget over pods that nothing counts",
                        429,
                        tooMany(
                                "The disruption budget web does not allow evicting pods currently because it failed sync: found no controllers for pod \\\"web-0\\\"",
                                ""),
                        new BlockedByBudget(
                                "web",
                                "The disruption budget web does not allow evicting pods currently because it failed sync: found no controllers for pod \"web-0\"")),
                answer(
                        "budget whose status lags",
                        429,
                        tooMany(
                                "The disruption budget web is still being processed by the server.",
                                ",'retryAfterSeconds':10"),
                        new BudgetStale("web", "The disruption budget web is still being processed by the server.")),
                answer(
                        "budget whose words we do not know",
                        429,
                        tooMany("please wait", ""),
                        new BlockedByBudget("", "please wait")),
                answer(
                        "too many evictions not counted yet",
                        403,
                        "{'kind':'Status','apiVersion':'v1','metadata':{},'status':'Failure','message':'poddisruptionbudget.policy \\\"web\\\" is forbidden: DisruptedPods map too big - too many evictions not confirmed by PDB controller','reason':'Forbidden','details':{'name':'web','group':'policy','kind':'poddisruptionbudget'},'code':403}",
                        new BudgetBroken(
                                "poddisruptionbudget.policy \"web\" is forbidden: DisruptedPods map too big - too many evictions not confirmed by PDB controller")),
                answer(
                        "budget with less than no room",
                        403,
                        "{'kind':'Status','apiVersion':'v1','metadata':{},'status':'Failure','message':'poddisruptionbudget.policy \\\"web\\\" is forbidden: pdb disruptions allowed is negative','reason':'Forbidden','details':{'name':'web','group':'policy','kind':'poddisruptionbudget'},'code':403}",
                        new BudgetBroken(
                                "poddisruptionbudget.policy \"web\" is forbidden: pdb disruptions allowed is negative")),
                answer(
                        "budget that too many wrote to",
                        409,
                        "{'kind':'Status','apiVersion':'v1','metadata':{},'status':'Failure','message':'Operation cannot be fulfilled on poddisruptionbudgets.policy \\\"web\\\": the object has been modified; please apply your changes to the latest version and try again','reason':'Conflict','details':{'name':'web','group':'policy','kind':'poddisruptionbudgets'},'code':409}",
                        new TimedOut(
                                "the API server answered 409: Operation cannot be fulfilled on poddisruptionbudgets.policy \"web\": the object has been modified; please apply your changes to the latest version and try again")),
                answer(
                        "the same, as the source has it",
                        504,
                        "{'kind':'Status','apiVersion':'v1','metadata':{},'status':'Failure','message':'Timeout: could not update PodDisruptionBudget','reason':'Timeout','details':{'retryAfterSeconds':10},'code':504}",
                        new TimedOut("the API server answered 504: Timeout: could not update PodDisruptionBudget")),
                answer(
                        "request that took too long",
                        504,
                        "{'kind':'Status','apiVersion':'v1','metadata':{},'status':'Failure','message':'Timeout: request did not complete within the allotted timeout','reason':'Timeout','details':{},'code':504}",
                        new TimedOut(
                                "the API server answered 504: Timeout: request did not complete within the allotted timeout")),
                answer(
                        "etcd out of reach",
                        500,
                        "{'kind':'Status','apiVersion':'v1','metadata':{},'status':'Failure','message':'The get operation against pods could not be completed at this time, please try again.','reason':'ServerTimeout','details':{'name':'get','kind':'pods'},'code':500}",
                        new TimedOut(
                                "the API server answered 500: The get operation against pods could not be completed at this time, please try again.")),
                answer(
                        "too many requests in flight",
                        429,
                        "Too many requests, please try again later.\n",
                        new Overloaded("the API server is busy", Duration.ZERO)),
                answer(
                        "too many requests in flight, as a Status",
                        429,
                        "{'kind':'Status','status':'Failure','message':'storage is (re)initializing','reason':'TooManyRequests','details':{'retryAfterSeconds':1},'code':429}",
                        new Overloaded("the API server is busy", Duration.ofSeconds(1))),
                answer(
                        "two budgets on the pod",
                        500,
                        failure(
                                500,
                                "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."),
                        new SeveralBudgets(
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
                        "webhook that wants to be asked again",
                        429,
                        failure(429, "admission webhook \\\"guard.example\\\" denied the request: later"),
                        new RefusedByPolicy(429, "admission webhook \"guard.example\" denied the request: later")),
                answer(
                        "webhook that plays not found",
                        404,
                        failure(404, "admission webhook \\\"guard.example\\\" denied the request without explanation"),
                        new RefusedByPolicy(
                                404, "admission webhook \"guard.example\" denied the request without explanation")),
                answer(
                        "policy",
                        422,
                        failure(
                                422,
                                "pods \\\"web-0\\\" is forbidden: ValidatingAdmissionPolicy `no` with binding `no` denied request: not today"),
                        new RefusedByPolicy(
                                422,
                                "pods \"web-0\" is forbidden: ValidatingAdmissionPolicy 'no' with binding 'no' denied request: not today")),
                answer(
                        "policy, forbidding",
                        403,
                        failure(
                                403,
                                "pods \\\"web-0\\\" is forbidden: ValidatingAdmissionPolicy `no` with binding `no` denied request: not today"),
                        new RefusedByPolicy(
                                403,
                                "pods \"web-0\" is forbidden: ValidatingAdmissionPolicy 'no' with binding 'no' denied request: not today")),
                answer(
                        "policy, with a code of its own",
                        413,
                        failure(
                                413,
                                "pods \\\"web-0\\\" is forbidden: ValidatingAdmissionPolicy `no` with binding `no` denied request: not today"),
                        new RefusedByPolicy(
                                413,
                                "pods \"web-0\" is forbidden: ValidatingAdmissionPolicy 'no' with binding 'no' denied request: not today")),
                answer(
                        "plugin of the server",
                        403,
                        failure(403, "pods \\\"web-0\\\" is forbidden: not in this house"),
                        new RefusedByPolicy(403, "pods \"web-0\" is forbidden: not in this house")),
                answer(
                        "webhook that is down",
                        500,
                        failure(
                                500,
                                "Internal error occurred: failed calling webhook \\\"guard.example\\\": failed to call webhook: Post \\\"https://127.0.0.1:1/?timeout=2s\\\": dial tcp 127.0.0.1:1: connect: connection refused"),
                        new Failed(
                                "the API server answered 500: Internal error occurred: failed calling webhook \"guard.example\": failed to call webhook: Post \"https://127.0.0.1:1/?timeout=2s\": dial tcp 127.0.0.1:1: connect: connection refused")),
                answer(
                        "etcd that is slow",
                        500,
                        failure(500, "etcdserver: request timed out"),
                        new Failed("the API server answered 500: etcdserver: request timed out")),
                answer(
                        "request that is wrong",
                        400,
                        failure(400, "name in URL does not match name in Eviction object"),
                        new Failed("the API server answered 400: name in URL does not match name in Eviction object")),
                answer(
                        "namespace being deleted",
                        403,
                        "{'kind':'Status','apiVersion':'v1','metadata':{},'status':'Failure','message':'pods \\\"web-0\\\" is forbidden: unable to create new content in namespace shop because it is being terminated','reason':'Forbidden','details':{'name':'web-0','kind':'pods','causes':[{'reason':'NamespaceTerminating','message':'namespace shop is being terminated','field':'metadata.namespace'}]},'code':403}",
                        new NamespaceTerminating()),
                answer(
                        "no right to evict",
                        403,
                        failure(
                                403,
                                "pods \\\"web-0\\\" is forbidden: User \\\"system:serviceaccount:a:b\\\" cannot create resource \\\"pods/eviction\\\" in API group \\\"\\\" in the namespace \\\"shop\\\""),
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
                                "Operation cannot be fulfilled on Pod \\\"web-0\\\": the UID in the precondition (a) does not match the UID in record (b). The object might have been deleted and then recreated"),
                        new OtherPod()),
                answer(
                        "another pod of that name, found later",
                        409,
                        failure(
                                409,
                                "Operation cannot be fulfilled on pods \\\"web-0\\\": Precondition failed: UID in precondition: a, UID in object meta: b"),
                        new OtherPod()),
                answer(
                        "pod that keeps changing",
                        409,
                        failure(
                                409,
                                "Operation cannot be fulfilled on pods \\\"web-0\\\": the object has been modified; please apply your changes to the latest version and try again"),
                        new Failed("the pod changed while it was asked for")),
                answer("a proxy's answer", 503, "<html>no backend</html>", new Failed("the API server answered 503")),
                answer("nothing said", 500, "", new Failed("the API server answered 500")),
                answer(
                        "an odd Status",
                        429,
                        "{'details':{'causes':'many'}}",
                        new Overloaded("the API server is busy", Duration.ZERO)));
    }

    @ParameterizedTest
    @MethodSource("answers")
    void readsTheAnswer(int code, String body, EvictionOutcome outcome) {
        assertThat(Evictor.outcome(new ApiServer.Answer(code, json(body)))).isEqualTo(outcome);
    }

    @Test
    void everyOutcomeHasItsNameForALabel() {
        assertThat(answers().map(row -> (EvictionOutcome) row.get()[2]))
                .allSatisfy(outcome -> assertThat(outcome.label())
                        .isEqualTo(outcome.getClass()
                                .getSimpleName()
                                .replaceAll("(?<=[a-z])(?=[A-Z])", "-")
                                .toLowerCase(Locale.ROOT)))
                .extracting(Object::getClass)
                .as("each has an answer above")
                .contains(EvictionOutcome.class.getPermittedSubclasses());
    }

    /** Fixtures are written with ' for JSON's quotation marks, and ` for an apostrophe. */
    private static String json(String fixture) {
        return fixture.replace('\'', '"').replace('`', '\'');
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
                + "'message':'Cannot evict pod as it would violate the pod`s disruption budget.',"
                + "'reason':'TooManyRequests','details':{'causes':[{'reason':'DisruptionBudget','message':'" + cause
                + "'}]" + more + "},'code':429}";
    }
}
