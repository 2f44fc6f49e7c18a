#include "services/chain/solana/retry.h"
#include "services/chain/solana/rpc_call.h"
#include "tests/test.h"

static struct solana_fault read_fault(const char *text)
{
    struct solana_fault fault;
    json_t *json = json_loads(text, 0, NULL);
    assert_non_null(json);
    assert_false(solana_fault_read(&fault, json));
    json_decref(json);
    return fault;
}

static void names_what_the_node_says(void **state)
{
    (void)state;
    static const struct {
        const char *json, *name;
    } known[] = {
        {"{\"code\":-32003,\"message\":\"m\"}", "SIGNATURE_REFUSED"},
        {"{\"code\":-32005,\"message\":\"m\",\"data\":{\"numSlotsBehind\":42}}", "NODE_BEHIND"},
        {"{\"code\":-32016,\"message\":\"m\"}", "NODE_BEHIND"},
        {"{\"code\":-32602,\"message\":\"m\"}", "METHOD_REFUSED"},
        {"{\"code\":-32002,\"message\":\"m\"}", "METHOD_REFUSED"},
        {"{\"code\":-32002,\"message\":\"m\",\"data\":{\"err\":\"BlockhashNotFound\"}}",
         "BLOCKHASH_NOT_FOUND"},
        {"{\"code\":-32002,\"message\":\"m\",\"data\":{\"err\":\"AlreadyProcessed\"}}", "ALREADY_PROCESSED"},
        {"{\"code\":-32002,\"message\":\"m\",\"data\":{\"err\":\"AccountNotFound\"}}", "NO_FUNDS"},
        {"{\"code\":-32002,\"message\":\"m\",\"data\":{\"err\":{\"InsufficientFundsForRent\":{\"account_"
         "index\":0}}}}",
         "NO_FUNDS"},
        {"{\"code\":-32002,\"message\":\"m\",\"data\":{\"err\":\"AccountInUse\"}}", "TRANSACTION_REFUSED"},
        {"{\"code\":-32002,\"message\":\"m\",\"data\":{\"err\":{\"InstructionError\":[1,\"InvalidArgument\"]}"
         "}}",
         "PROGRAM_REFUSED"},
        {"{\"code\":\"x\",\"message\":\"m\"}", "BAD_REPLY"},
        {"{\"code\":1}", "BAD_REPLY"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        assert_string_equal(solana_code_name(read_fault(known[i].json).code), known[i].name);
}

static void keeps_the_number_of_the_program(void **state)
{
    (void)state;
    struct solana_fault fault = read_fault("{\"code\":-32002,\"message\":\"m\",\"data\":{\"err\":{"
                                           "\"InstructionError\":[2,{\"Custom\":4294967295}]}}}");
    assert_int_equal(fault.tx.instruction, 2);
    assert_true(fault.tx.has_custom);
    assert_true(fault.tx.custom == UINT32_MAX);
    fault = read_fault("{\"code\":-32002,\"message\":\"m\",\"data\":{\"err\":{\"InstructionError\":[0,{"
                       "\"BorshIoError\":\"x\"}]}}}");
    assert_string_equal(fault.tx.name, "BorshIoError");
    assert_false(fault.tx.has_custom);
}

static void refuses_errors_of_another_shape(void **state)
{
    (void)state;
    static const char *const shapes[] = {"7",
                                         "[]",
                                         "{}",
                                         "{\"InstructionError\":7}",
                                         "{\"InstructionError\":[0]}",
                                         "{\"InstructionError\":[-1,\"X\"]}",
                                         "{\"InstructionError\":[256,\"X\"]}",
                                         "{\"InstructionError\":[\"0\",\"X\"]}",
                                         "\"\"",
                                         "\"AnErrorWhoseNameIsFarTooLongToBeTheNameOfAnErrorOfTheRuntime\""};
    struct solana_tx_error error;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        json_t *json = json_loads(shapes[i], JSON_DECODE_ANY, NULL);
        assert_false(solana_tx_error_read(&error, json));
        json_decref(json);
    }
    assert_true(solana_tx_error_read(&error, NULL));
    assert_string_equal(error.name, "");
}

static void says_which_faults_may_pass(void **state)
{
    (void)state;
    for (int code = SOLANA_OK; code <= SOLANA_NO_MEMORY; code++) {
        struct solana_fault fault = {.code = (enum solana_code)code};
        bool passing = code == SOLANA_UNREACHABLE || code == SOLANA_DEADLINE || code == SOLANA_RATE_LIMITED ||
                       code == SOLANA_NODE_DOWN || code == SOLANA_NODE_BEHIND;
        assert_int_equal(solana_fault_retryable(&fault), passing);
        assert_non_null(solana_code_name(fault.code));
    }
}

static void speaks_as_the_rest_of_the_system(void **state)
{
    (void)state;
    struct solana_fault fault;
    struct err err;
    solana_fault_set(&fault, SOLANA_NODE_DOWN, "the node answered HTTP %d", 503);
    fault.retry_after_ms = 1500;
    assert_false(solana_fault_err(&fault, &err));
    assert_true(err_is(&err, SERVICE_AWAY));
    assert_int_equal(err.retry_after_s, 2);
    assert_string_equal(err.message, "solana: the node answered HTTP 503");
}

static void waits_double_and_keep_their_bounds(void **state)
{
    (void)state;
    const struct solana_retry retry = {5, 500, 8000};
    static const uint32_t most[] = {500, 1000, 2000, 4000, 8000, 8000};
    for (uint32_t done = 1; done <= 6; done++)
        for (uint32_t random = 0; random < 100000; random += 997) {
            uint32_t wait = solana_retry_wait_ms(&retry, done, 0, random);
            assert_in_range(wait, most[done - 1] / 2, most[done - 1]);
        }
    assert_in_range(solana_retry_wait_ms(&retry, UINT32_MAX, 0, UINT32_MAX), 4000, 8000);
    assert_int_equal(solana_retry_wait_ms(&retry, 1, 30000, 7), 30000);
    const struct solana_retry none = {0, 0, 0};
    assert_int_equal(solana_retry_wait_ms(&none, 1, 0, 5), 0);
}

static void large_numbers_are_saturated_in_place(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"{\"a\":18446744073709551615}", "{\"a\": 9223372036854775807}"},
        {"[9223372036854775807,9223372036854775808]", "[9223372036854775807,9223372036854775807]"},
        {"[\"18446744073709551615\"]", "[\"18446744073709551615\"]"},
        {"[\"\\\"18446744073709551615\"]", "[\"\\\"18446744073709551615\"]"},
        {"[1.8446744073709551615,18446744073709551615e2]", "[1.8446744073709551615,18446744073709551615e2]"},
        {"[0e92233720368547758070]", "[0e92233720368547758070]"},
        {"\"18446744073709551615", "\"18446744073709551615"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        char text[64];
        snprintf(text, sizeof text, "%s", pairs[i][0]);
        solana_json_saturate(text, strlen(text));
        assert_string_equal(text, pairs[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_what_the_node_says),
        cmocka_unit_test(keeps_the_number_of_the_program),
        cmocka_unit_test(refuses_errors_of_another_shape),
        cmocka_unit_test(says_which_faults_may_pass),
        cmocka_unit_test(speaks_as_the_rest_of_the_system),
        cmocka_unit_test(waits_double_and_keep_their_bounds),
        cmocka_unit_test(large_numbers_are_saturated_in_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
