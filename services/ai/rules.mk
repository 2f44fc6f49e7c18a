# make test-calibration: what is foretold comes true, of 400 000 simulated games and each tenth alone: some minutes.
CALIBRATION_TESTS := $(BUILD)/test/services/ai/standings/calibration_test $(BUILD)/test/services/ai/skill/temper_test
test-calibration: $(CALIBRATION_TESTS)
	@for t in $^; do echo "== $$t"; CONSE_CALIBRATION=whole $$t || exit 1; done

NIGHTLY += test-calibration
.PHONY: test-calibration
