#include "tests/solana-client/driver/driver.h"

const struct operation_row PROGRAM_OPERATIONS[] = {{NULL, NULL}};
