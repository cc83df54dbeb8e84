# One command for each thing one does here. Each looks for what it needs and says in one line what is missing.

MAVEN := mvn -B -ntp
# Everything the program and its tests are made from.
SOURCES := pom.xml $(shell find src -type f)
# Written last, when the program, its tests and the class path that runs them are whole.
CLASSPATH := target/test.classpath
# For a JVM that lives a minute; the last two keep libraries' warnings out of the story.
QUICK := -XX:TieredStopAtLevel=1 -XX:+UseSerialGC --sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED
# The native executable, where there is none or the program is newer.
NATIVE_IF_STALE = case $$(ls -t target/*-runner pom.xml $$(find src/main src/build -type f) 2>/dev/null | head -1) in *-runner) ;; *) $(MAKE) native ;; esac
DEPENDENCY_PLUGIN := org.apache.maven.plugins:maven-dependency-plugin:3.8.1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo check test points stories chaos mutants run footprint storm profile native image iam lint format docs clean

help: ## what can be done here
	@sed -n 's/^\([a-z]*\):.*## /  make \1 	/p' $(MAKEFILE_LIST) | expand -t 16

demo: $(CLASSPATH) ## the whole story on this machine: no AWS account, no cluster
	@lab/build >/dev/null
	@exec scripts/with setpriv -- scripts/foreground java $(QUICK) \
		-cp "target/test-classes:target/classes:$$(cat $(CLASSPATH))" dev.glidepath.demo.Demo

check: ## before each commit: gates, unit tests and plays, in minutes
	@exec scripts/with maven -- $(MAVEN) test -DfailIfNoTests=true

test: ## everything: gates, unit, integration on a real control plane, end to end; FORKS=2 for less side by side
	@lab/build >/dev/null
	@exec scripts/with maven git setpriv -- scripts/suite

iam: ## the templates alone: sound, equal in both forms, granting no more than is needed, delivering what they should
	@exec iam/check/run

chaos: ## forty departures, two replicas, one is killed in the midst: twenty times over
	@lab/build >/dev/null
	@exec scripts/with maven git setpriv -- $(MAVEN) verify -Dtest=None -Dsurefire.failIfNoSpecifiedTests=false \
		-Dit.test=ChaosIT -Dchaos.rounds=20

points: $(if $(filter simulation,$(WORLD)),,$(CLASSPATH)) ## every request of a departure disturbed: crash, stale view, missed change; WORLD=simulation or real for one part
	@test "$(WORLD)" = real || scripts/with maven -- $(MAVEN) -q test-compile surefire:test -Dtest=PointsTest
	@test "$(WORLD)" = simulation || lab/build >/dev/null
	@test "$(WORLD)" = simulation || test "$(FORM)" = jvm || $(NATIVE_IF_STALE)
	@test "$(WORLD)" = simulation || exec scripts/with setpriv -- scripts/foreground java $(QUICK) \
		-cp "target/test-classes:target/classes:$$(cat $(CLASSPATH))" dev.glidepath.points.Points \
		$(if $(filter jvm,$(FORM)),target/quarkus-app,target/*-runner)

stories: ## hours in the life of a node at random, 100,000 times; COUNT=1000000, FIRST=seed, THREADS=1
	@exec scripts/with maven -- $(MAVEN) -q test-compile surefire:test -Dtest='RandomStoriesTest#everyStoryKeepsTheRules' \
		-Dstories.count=$(or $(COUNT),100000) $(if $(FIRST),-Dstories.first=$(FIRST)) $(if $(THREADS),-Dstories.threads=$(THREADS))

# The shell of departures: all of dev.glidepath.departure but what decides and what that is made of. Its tests wait for what a mutant
# never does: each such wait ends 1.5 s after what the test takes.
PURE := dev.glidepath.departure.action.*,dev.glidepath.departure.decision.*,dev.glidepath.departure.snapshot.*,dev.glidepath.departure.story.*
SHELL_MUTANTS := -Dmutants.classes='dev.glidepath.departure.*' -Dmutants.tests='dev.glidepath.departure.*Test' \
	-Dmutants.excludedClasses='$(PURE)' -Dmutants.excludedTests='$(PURE)' -Dmutants.timeout=1500

mutants: ## whether the tests notice small changes to what is decided, and to how it is carried out; OF=decisions or shell for one part
	@test "$(OF)" = shell || scripts/with maven -- $(MAVEN) -Pmutation test-compile pitest:mutationCoverage \
		-DreportsDirectory=target/pit-reports/decisions
	@test "$(OF)" = decisions || scripts/with maven -- $(MAVEN) -Pmutation test-compile pitest:mutationCoverage $(SHELL_MUTANTS) \
		-DreportsDirectory=target/pit-reports/shell

run: $(CLASSPATH) ## the program itself, configured by GLIDEPATH_*, AWS_* and KUBECONFIG
	@exec scripts/with -- java -jar target/quarkus-app/quarkus-run.jar

footprint: $(CLASSPATH) ## how big it is, how quick to start, how much memory it takes: native beside the JVM
	@lab/build >/dev/null
	@$(NATIVE_IF_STALE)
	@exec scripts/with setpriv -- scripts/foreground java $(QUICK) \
		-cp "target/test-classes:target/classes:$$(cat $(CLASSPATH))" dev.glidepath.footprint.Footprint target/*-runner

storm: $(CLASSPATH) ## many nodes interrupted at once, beside a client that only evicts: docs/benchmarks.md; STORM=50x30 RUNS=1 FORM=jvm
	@lab/build >/dev/null
	@lab/bareclient/build >/dev/null
	@test "$(FORM)" = jvm || $(NATIVE_IF_STALE)
	@exec scripts/with setpriv -- scripts/foreground java $(QUICK) \
		-cp "target/test-classes:target/classes:$$(cat $(CLASSPATH))" dev.glidepath.storm.Storm target/*-runner

profile: $(CLASSPATH) ## where its CPU time goes in a storm, and what it allocates, on a JVM: flame graphs in target/profile
	@lab/build >/dev/null
	@exec scripts/with setpriv -- scripts/foreground java $(QUICK) \
		-cp "target/test-classes:target/classes:$$(cat $(CLASSPATH))" dev.glidepath.storm.Profile

native: ## the program as a native executable, with GRAALVM_HOME or in a container
	@exec scripts/with maven -- scripts/native $(MAVEN) package -DskipTests

image: ## its container image, with Docker or Podman; FORM=jvm for the one with a JVM, IMAGE=name:tag
	@exec scripts/with maven git -- scripts/image $(or $(FORM),native) $(IMAGE)

lint: ## the gates alone: format, warnings as errors, package rules
	@exec scripts/with maven -- $(MAVEN) -q test -Dtest='ArchitectureTest,SizesTest,TestNamesTest' -Dsurefire.failIfNoSpecifiedTests=false

format: ## lays the code out as the gate wants it
	@exec scripts/with maven -- $(MAVEN) -q spotless:apply

docs: ## renews the pages that are made from the code
	@exec scripts/with maven -- $(MAVEN) -q test -Dtest='*DocsTest' -Dsurefire.failIfNoSpecifiedTests=false -Ddocs.renew=true

clean: ## removes what was built here; the lab's binaries stay in their cache
	@rm -rf target

$(CLASSPATH): $(SOURCES)
	@scripts/with maven -- scripts/quietly "building the program" target/build.log \
		$(MAVEN) package -DskipTests -Dspotless.check.skip $(DEPENDENCY_PLUGIN):build-classpath -Dmdep.outputFile=$(CLASSPATH) -Dmdep.includeScope=test
	@touch $(CLASSPATH)
