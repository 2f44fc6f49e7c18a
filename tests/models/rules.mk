# make models: Promela models of stores, replicas and payments, all their states, whole and without each guard (docs/models.md).
# make test-models: the same within smaller bounds.
MODELS      := $(wildcard tests/models/*.pml)
MODELS_DONE  = $(MODELS:tests/models/%.pml=$(BUILD)/models/$(1)/%.done)

$(BUILD)/models/whole/%.done: tests/models/%.pml tests/models/check.sh
	@tests/models/check.sh $* $(@D)/$*
	@touch $@
$(BUILD)/models/short/%.done: tests/models/%.pml tests/models/check.sh
	@tests/models/check.sh $* $(@D)/$* -DSHORT
	@touch $@

models: models-packages
	@$(MAKE) --no-print-directory $(CORES) $(call MODELS_DONE,whole)
test-models: models-packages
	@$(MAKE) --no-print-directory $(CORES) $(call MODELS_DONE,short)
models-packages:
	@tools/install.sh models
SUITES += test-models
.PHONY: models test-models models-packages
