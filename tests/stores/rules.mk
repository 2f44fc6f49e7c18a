# make test-stores: stores on the servers of other people, and the proxy before them.
# Their programs are built once into build/stores, with any sanitizer.
STORES     := build/stores
STORES_NPM := tests/stores/node_modules/.package-lock.json
$(STORES_NPM): tests/stores/package-lock.json
	cd tests/stores && npm ci --silent
	@touch $@

# mongo-java-server: its jars, and a main of ours.
MONGO_JAVA := $(STORES)/java/MongoJava.class
$(STORES)/java/jars: tests/stores/java/pom.xml
	@mkdir -p $(@D)
	@echo "  MVN   $<"
	$(Q)mvn -q -B -Dstyle.color=never --strict-checksums -f $< dependency:copy-dependencies -DoutputDirectory=$(abspath $(@D)) -DincludeScope=runtime
	@touch $@
$(MONGO_JAVA): tests/stores/java/MongoJava.java $(STORES)/java/jars
	$(Q)javac -cp '$(@D)/*' -d $(@D) $<

# The first build takes minutes. An older Go takes the compiler that go.mod names from the module proxy.
FERRETDB := $(STORES)/ferretdb
$(FERRETDB): tests/stores/ferretdb/main.go tests/stores/ferretdb/go.mod tests/stores/ferretdb/go.sum
	@mkdir -p $(@D)
	@echo "  GO    $<"
	$(Q)go=$$(tests/stores/find_go.sh) && cd $(<D) && \
	    GOTOOLCHAIN=auto CGO_ENABLED=0 $$go build -mod=readonly -trimpath -buildvcs=false -ldflags '-s -w' -o $(abspath $@) .

# A store behind lines of JSON, for tests that steer several of them.
STORE_DRIVER := $(BUILD)/tests/stores/driver
$(STORE_DRIVER): $(call objects,$(wildcard tests/stores/driver/*.c)) $(BUILD)/lib/room.a
	$(link)

# Counts what commands of events send to their store.
STORE_TRIPS := $(BUILD)/tests/stores/trips
$(STORE_TRIPS): $(BUILD)/obj/tests/stores/trips/main.o $(BUILD)/services/events/room.a $(BUILD)/lib/room.a
	$(link) -lcmocka

# What a system of replicas needs beside its own programs.
stores-java: $(MONGO_JAVA) $(STORES_NPM)

# The tests of lib/store that run on every kind of store.
STORE_CONTRACT = $(patsubst %.c,$(BUILD)/test/%,$(shell grep -l WORLD_RUN lib/store/*_test.c))

stores-packages:
	@tools/install.sh build test stores ferretdb
test-stores: stores-packages
	@$(MAKE) --no-print-directory $(CORES) $(MONGO_JAVA) $(FERRETDB) $(STORE_DRIVER) $(STORE_TRIPS) $(STORE_CONTRACT) $(STORES_NPM) $(RUN)
	cd tests/stores && CONSE_BIN=$(abspath $(BUILD))/bin CONSE_STORE_DRIVER=$(abspath $(STORE_DRIVER)) CONSE_STORE_TRIPS=$(abspath $(STORE_TRIPS)) CONSE_CONTRACT_TESTS="$(abspath $(STORE_CONTRACT))" npm test --silent
.PHONY: stores-java stores-packages test-stores
