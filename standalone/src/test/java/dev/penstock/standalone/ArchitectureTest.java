package dev.penstock.standalone;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/** The rules that keep a feature findable: where things live and what they may see. */
@AnalyzeClasses(
        packages = "dev.penstock",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.WithoutTestkit.class})
class ArchitectureTest {
    /** The testkit is a library of tests and may block. */
    static final class WithoutTestkit implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("testkit");
        }
    }

    @ArchTest
    static final ArchRule policiesArePure = noClasses()
            .that()
            .resideInAPackage("..policy..")
            .should()
            .dependOnClassesThat(resideInAnyPackage("io.vertx..", "io.netty..", "org.slf4j..", "com.hazelcast.."));

    @ArchTest
    static final ArchRule policiesAreToldTheTime = noClasses()
            .that()
            .resideInAPackage("..policy..")
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Random.class);

    @ArchTest
    static final ArchRule servicesSeeOnlyCommon = slices().matching(
                    "dev.penstock.(gateway|cache|batching|monitor|alert)..")
            .should()
            .notDependOnEachOther();

    @ArchTest
    static final ArchRule commonSeesNobody = noClasses()
            .that()
            .resideInAPackage("dev.penstock.common..")
            .should()
            .dependOnClassesThat(resideInAPackage("dev.penstock..")
                    .and(DescribedPredicate.not(resideInAPackage("dev.penstock.common.."))));

    @ArchTest
    static final ArchRule onlyTheBusKnowsTheEventBus = noClasses()
            .that()
            .resideOutsideOfPackages("dev.penstock.common.bus..")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("io.vertx.core.eventbus.EventBus");

    @ArchTest
    static final ArchRule onlyTheCommandLineReadsTheEnvironment = noClasses()
            .that()
            // The embedded servers' tools are looked up in the PATH.
            .resideOutsideOfPackages("dev.penstock.standalone..", "dev.penstock.embedded..")
            .should()
            .callMethod(System.class, "getenv")
            .orShould()
            .callMethod(System.class, "getenv", String.class);

    @ArchTest
    static final ArchRule nobodySleepsOrBlocksOnMonitors = noClasses()
            .should()
            .callMethod(Thread.class, "sleep", long.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(CompletableFuture.class);

    @ArchTest
    static final ArchRule nothingIsSynchronized = noMethods().should().haveModifier(JavaModifier.SYNCHRONIZED);

    @ArchTest
    static final ArchRule configurationIsRecords = classes()
            .that()
            .haveSimpleNameEndingWith("Config")
            .and()
            .doNotHaveSimpleName("LiveConfig") // holds the one in force
            .should()
            .beRecords();

    @ArchTest
    static final ArchRule verticlesAreFinal =
            classes().that().haveSimpleNameEndingWith("Verticle").should().haveModifier(JavaModifier.FINAL);

    /** Inside a service. In common the contracts, the bus that knows their codecs and the roles they name belong together. */
    @ArchTest
    static final ArchRule packagesHaveNoCycles = slices().matching(
                    "dev.penstock.(gateway|cache|batching|monitor|alert).(**)")
            .should()
            .beFreeOfCycles();
}
