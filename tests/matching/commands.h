// Random commands of the market by people who both buy and sell, to conse-chain, which runs: orders of all
// kinds, ends of one, of all of a role, of all. Those of one turn travel together.
#ifndef TESTS_MATCHING_COMMANDS_H
#define TESTS_MATCHING_COMMANDS_H

#include "tests/matching/bus.h"

struct commands {
    struct bus *bus;
    uint32_t people;
    uint64_t seed;
    size_t done, refused;
};

// Ends the program when one is refused for another reason than that the person lacks something, or the order
// is gone.
void commands_play(struct commands *commands, size_t count);

#endif
