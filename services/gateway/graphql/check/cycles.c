#include "services/gateway/graphql/check/checking.h"

enum colour { UNSEEN, OPEN, DONE };

// A walk in depth without recursion: the fragments that are open, and which of its spreads each goes on with.
struct cycle_walk {
    struct checking *checking;
    uint8_t *colours;
    struct ast_definition **open;
    struct check_spread **next; // by the place of the fragment
    uint32_t depth, done;
};

static void cycle_open(struct cycle_walk *walk, struct ast_definition *fragment)
{
    walk->colours[fragment->place] = OPEN;
    walk->next[fragment->place] = walk->checking->fragment_uses[fragment->place].spreads;
    walk->open[walk->depth++] = fragment;
}

static void cycle_close(struct cycle_walk *walk)
{
    struct ast_definition *fragment = walk->open[--walk->depth];
    walk->colours[fragment->place] = DONE;
    walk->checking->inner_first[walk->done++] = fragment;
}

static void cycle_step(struct cycle_walk *walk)
{
    struct ast_definition *fragment = walk->open[walk->depth - 1];
    struct check_spread *spread = walk->next[fragment->place];
    if (!spread) {
        cycle_close(walk);
        return;
    }
    walk->next[fragment->place] = spread->next;
    if (walk->colours[spread->fragment->place] == UNSEEN)
        cycle_open(walk, spread->fragment);
    else if (walk->colours[spread->fragment->place] == OPEN)
        check_fault(walk->checking, "NoFragmentCycles", spread->fragment->at,
                    "this fragment is within itself");
}

bool check_cycles(struct checking *checking)
{
    uint32_t count = checking->document->fragments;
    struct cycle_walk walk = {.checking = checking,
                              .colours = check_alloc(checking, count, sizeof *walk.colours),
                              .open = check_alloc(checking, count, sizeof(struct ast_definition *)),
                              .next = check_alloc(checking, count, sizeof(struct check_spread *))};
    if (checking->arena->failed) return false;
    for (uint32_t i = 0; i < count; i++) {
        if (walk.colours[i] == UNSEEN) cycle_open(&walk, checking->fragments[i]);
        while (walk.depth > 0) cycle_step(&walk);
    }
    return check_is_good(checking);
}
