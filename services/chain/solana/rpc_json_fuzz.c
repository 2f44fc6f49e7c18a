// Numbers that are too large for jansson: after saturating, a text is JSON exactly when it was JSON with
// numbers read as reals.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "services/chain/solana/rpc_call.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char *text = malloc(len + 1);
    memcpy(text, bytes, len);
    text[len] = 0;
    json_error_t error;
    json_t *before = json_loadb(text, len, JSON_DECODE_INT_AS_REAL, &error);
    bool overflow = !before && json_error_code(&error) == json_error_numeric_overflow;
    solana_json_saturate(text, len);
    json_t *after = json_loadb(text, len, 0, &error);
    bool negative =
        !after && json_error_code(&error) == json_error_numeric_overflow; // -99999999999999999999 stays
    assert(overflow || negative || (before != NULL) == (after != NULL));
    struct solana_tx_error tx;
    struct solana_fault fault;
    solana_tx_error_read(&tx, after);
    assert(!solana_fault_read(&fault, after));
    json_decref(before);
    json_decref(after);
    free(text);
    return 0;
}
