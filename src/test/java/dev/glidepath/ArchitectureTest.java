package dev.glidepath;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.codeUnits;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.glidepath.observe.Subject;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The map of the packages, kept. A failure names the class and the arrow that is not on the map: docs/architecture.md. */
@AnalyzeClasses(packages = "dev.glidepath", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String EVENT = "dev.glidepath.event..";
    private static final String ACTION = "dev.glidepath.departure.action..";
    private static final String SNAPSHOT = "dev.glidepath.departure.snapshot..";
    private static final String DECISION = "dev.glidepath.departure.decision..";
    private static final String STORY = "dev.glidepath.departure.story..";
    private static final String CLUSTER = "dev.glidepath.cluster..";

    @ArchTest
    static final ArchRule stepsOfTheStoryDoNotKnowEachOther = slices().matching(
                    "dev.glidepath.(queue|node|drain|lifecycle|replica)..")
            .should()
            .notDependOnEachOther()
            .because("only departure strings them together");

    @ArchTest
    static final ArchRule eventIsPure = classes()
            .that()
            .resideInAPackage(EVENT)
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(EVENT, "java..", "com.fasterxml.jackson..", "org.jspecify.."))
            .andShould()
            .onlyAccessClassesThat(not(resideInAnyPackage("java.io..", "java.net..", "java.nio.file..")))
            .because("it reads text into values: no I/O, no clock, no framework");

    @ArchTest
    static final ArchRule clusterIsPure = classes()
            .that()
            .resideInAPackage(CLUSTER)
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(CLUSTER, "java..", "org.jspecify.."))
            .because("it has the values that steps share, and knows none of them");

    @ArchTest
    static final ArchRule decisionsArePure = noClasses()
            .that()
            .resideInAnyPackage(ACTION, SNAPSHOT, DECISION)
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                    STORY,
                    "io.fabric8..",
                    "io.quarkus..",
                    "software.amazon..",
                    "java.net..",
                    "java.nio.file..",
                    "java.util.concurrent..",
                    "org.jboss..",
                    "dev.glidepath.apiserver..",
                    "dev.glidepath.observe.."))
            .orShould()
            .callMethod(java.time.Instant.class, "now")
            .because("decide() is a question of values alone");

    @ArchTest
    static final ArchRule actionsKnowNothingOfDecisions = noClasses()
            .that()
            .resideInAPackage(ACTION)
            .should()
            .dependOnClassesThat(resideInAnyPackage(SNAPSHOT, DECISION, STORY))
            .because("what can come out is plain data");

    @ArchTest
    static final ArchRule snapshotsKnowNothingOfDecisions = noClasses()
            .that()
            .resideInAPackage(SNAPSHOT)
            .should()
            .dependOnClassesThat(resideInAnyPackage(DECISION, STORY))
            .because("what goes in does not ask what decides");

    @ArchTest
    static final ArchRule nothingBelowKnowsADeparture = noClasses()
            .that(resideInAPackage("dev.glidepath.departure.*.."))
            .should()
            .dependOnClassesThat(resideInAPackage("dev.glidepath.departure"))
            .because("what a departure is made of knows nothing of it");

    @ArchTest
    static final ArchRule sharingKnowsNothingOfDecisions = noClasses()
            .that(resideInAPackage("dev.glidepath.departure.sharing.."))
            .should()
            .dependOnClassesThat(resideInAPackage(DECISION))
            .because("an order of work is kept whatever is decided");

    @ArchTest
    static final ArchRule noCyclesWithinDepartures =
            slices().matching("dev.glidepath.departure.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule questionsGiveNoOrders = codeUnits()
            .that(new Questions("dev.glidepath.departure.decision"))
            .should(new NotReach("dev.glidepath.departure.decision.PendingActions"))
            .because("a question can be moved, asked twice, or logged without changing what is sent");

    @ArchTest
    static final ArchRule storiesArePure = noClasses()
            .that()
            .resideInAPackage("dev.glidepath.departure.story..")
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                            "io.fabric8..",
                            "io.micrometer..",
                            "io.quarkus..",
                            "software.amazon..",
                            "java.io..",
                            "java.net..",
                            "java.nio.file..",
                            "java.util.concurrent..",
                            "java.util.random..",
                            "org.jboss..",
                            "dev.glidepath.apiserver..",
                            "dev.glidepath.departure")
                    .or(resideInAPackage("dev.glidepath.observe..")
                            .and(not(assignableTo(Enum.class)
                                    .or(assignableTo(Record.class))
                                    .or(assignableTo(Subject.class))))))
            .orShould()
            .dependOnClassesThat(assignableTo(InstantSource.class))
            .orShould()
            .callMethod(java.time.Instant.class, "now")
            .because("what is reported is data; a publisher sends it");

    @ArchTest
    static final ArchRule onlyDepartureKnowsThemAll = noClasses()
            .that(resideInAnyPackage(
                    "dev.glidepath.queue..",
                    EVENT,
                    "dev.glidepath.node..",
                    "dev.glidepath.drain..",
                    "dev.glidepath.lifecycle..",
                    "dev.glidepath.replica..",
                    "dev.glidepath.apiserver..",
                    "dev.glidepath.config..",
                    "dev.glidepath.permission..",
                    "dev.glidepath.observe.."))
            .should()
            .dependOnClassesThat(resideInAnyPackage("dev.glidepath.departure..", "dev.glidepath"))
            .because("arrows point from the story to its steps");

    @ArchTest
    static final ArchRule checksAtAwsAndInTheClusterDoNotKnowEachOther = slices().matching(
                    "dev.glidepath.doctor.(aws|cluster)..")
            .should()
            .notDependOnEachOther()
            .because("only DoctorCommand puts them together");

    @ArchTest
    static final ArchRule doctorKnowsNeitherAwsNorTheCluster = noClasses()
            .that()
            .resideInAPackage("dev.glidepath.doctor")
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                    "dev.glidepath.doctor.aws..",
                    "dev.glidepath.doctor.cluster..",
                    "dev.glidepath.apiserver..",
                    "software.amazon.."))
            .because("it runs checks and prints their findings; what they ask is behind Check");

    @ArchTest
    static final ArchRule awsStaysAtItsEdges = noClasses()
            .that(not(resideInAnyPackage(
                    "dev.glidepath.queue..", "dev.glidepath.lifecycle..", "dev.glidepath.doctor.aws..")))
            .should()
            .dependOnClassesThat(resideInAPackage("software.amazon.."))
            .because("the SDK speaks in queue and lifecycle only; doctor.aws asks what neither of them needs to know");

    @ArchTest
    static final ArchRule noCallToEc2 = noClasses()
            .should()
            .dependOnClassesThat(resideInAPackage("software.amazon.awssdk.services.ec2.."))
            .because("a node is found in the cluster; nothing is asked of EC2");

    @ArchTest
    static final ArchRule kubernetesModelsStayAtTheEdge = noClasses()
            .that(not(resideInAnyPackage(
                    "dev.glidepath.node..",
                    "dev.glidepath.drain.budget..",
                    "dev.glidepath.drain.volume..",
                    "dev.glidepath.apiserver..",
                    "dev.glidepath.config..")))
            .and()
            .doNotHaveFullyQualifiedName("dev.glidepath.drain.pod.Namespaces")
            .and()
            .doNotHaveFullyQualifiedName("dev.glidepath.replica.Replicas")
            .and()
            .doNotHaveFullyQualifiedName("dev.glidepath.Wiring")
            .and()
            .doNotHaveFullyQualifiedName("dev.glidepath.DoctorCommand")
            .should()
            .dependOnClassesThat(resideInAPackage("io.fabric8.."))
            .because(
                    "a pod, a node, a budget, an attachment, a Lease is a small record of our own; the informers that make it are edges");

    @ArchTest
    static final ArchRule oneWriterOfNodes = noClasses()
            .that(not(resideInAnyPackage("dev.glidepath.node..", "dev.glidepath.apiserver..")))
            .should()
            .callMethod(dev.glidepath.apiserver.ApiServer.class, "jsonPatch", String.class, String.class)
            .because("only node writes nodes");

    @ArchTest
    static final ArchRule namesSaySomething = noClasses()
            .should()
            .haveNameMatching(".*(Util|Utils|Helper|Manager|Impl|Processor|Base|Abstract)$")
            .because("a class that cannot be named has no single job yet");

    @ArchTest
    static final ArchRule noCycles =
            slices().matching("dev.glidepath.(*)..").should().beFreeOfCycles();

    /** Constructors, and methods whose names are claims. */
    private static final class Questions extends DescribedPredicate<JavaCodeUnit> {
        private static final Pattern CLAIM = Pattern.compile("(is|are|has|have|had|was|were|may|can)[A-Z].*");

        private final String packageName;

        Questions(String packageName) {
            super("questions and constructors of " + packageName);
            this.packageName = packageName;
        }

        @Override
        public boolean test(JavaCodeUnit code) {
            boolean isQuestion = code instanceof JavaConstructor
                    || CLAIM.matcher(code.getName()).matches();
            return isQuestion && code.getOwner().getPackageName().startsWith(packageName);
        }
    }

    /** Follows calls, method references and lambdas within the program. */
    private static final class NotReach extends ArchCondition<JavaCodeUnit> {
        private final String className;

        NotReach(String className) {
            super("not reach a method of " + className);
            this.className = className;
        }

        @Override
        public void check(JavaCodeUnit question, ConditionEvents events) {
            Set<JavaCodeUnit> seen = new HashSet<>();
            Deque<JavaCodeUnit> open = new ArrayDeque<>(List.of(question));
            while (!open.isEmpty()) {
                JavaCodeUnit next = open.pop();
                if (!seen.add(next)) {
                    continue;
                }
                Stream.concat(next.getCallsFromSelf().stream(), next.getCodeUnitReferencesFromSelf().stream())
                        .forEach(access -> {
                            boolean isMethod = access.getTarget() instanceof AccessTarget.MethodCallTarget
                                    || access.getTarget() instanceof AccessTarget.MethodReferenceTarget;
                            if (isMethod && access.getTargetOwner().getName().equals(className)) {
                                events.add(SimpleConditionEvent.violated(
                                        question, question.getFullName() + " reaches it: " + access.getDescription()));
                            }
                            access.getTarget()
                                    .resolveMember()
                                    .filter(JavaCodeUnit.class::isInstance)
                                    .map(JavaCodeUnit.class::cast)
                                    .ifPresent(open::push);
                        });
            }
        }
    }
}
