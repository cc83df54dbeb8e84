package dev.glidepath.departure;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Arrows point from a departure to what it sees, decides and shares, and never back. */
@AnalyzeClasses(packages = "dev.glidepath.departure", importOptions = ImportOption.DoNotIncludeTests.class)
class DeparturePackagesTest {

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
            .dependOnClassesThat(resideInAPackage("dev.glidepath.departure.decision.."))
            .because("an order of work is kept whatever is decided");

    @ArchTest
    static final ArchRule noCircles =
            slices().matching("dev.glidepath.departure.(*)..").should().beFreeOfCycles();
}
