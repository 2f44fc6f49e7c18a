#include <stdlib.h>
#include <string.h>

#include "services/ai/behaviour/tips.h"

enum { ROOM = 2000, STEP_BYTES = 3, GAME_BYTES = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_saved(const struct behaviour *graph, const uint8_t *expected, size_t size)
{
    uint8_t *saved = malloc(behaviour_saved_bytes(graph));
    if (!saved || behaviour_saved_bytes(graph) != size) abort();
    behaviour_save(graph, saved);
    if (memcmp(saved, expected, size) != 0) abort();
    free(saved);
}

static void check_tips(const struct behaviour *graph)
{
    uint32_t count;
    const struct behaviour_entry *entries = behaviour_entries(graph, &count);
    const struct behaviour_key key = count > 0 ? entries[count / 2].key : (struct behaviour_key){0};
    struct tip tips[TIPS_MOST];
    char text[TIP_TEXT_BYTES];
    uint32_t found = tips_find(graph, graph, key.role, key.side, tips);
    if (found == 0 || found > TIPS_MOST) abort();
    for (uint32_t i = 0; i < found; i++) tip_text(&tips[i], "Doctor", text);
}

// Whatever loads saves to the same bytes.
static void load_bytes(struct behaviour *graph, const uint8_t *data, size_t size)
{
    if (behaviour_load(graph, data, size)) check_saved(graph, data, size);
}

// Reads games of few roles out of the bytes: eight for a game, three for each of its steps.
static void add_games(struct behaviour *graph, const uint8_t *data, size_t size)
{
    while (size >= GAME_BYTES) {
        struct behaviour_step steps[BEHAVIOUR_MAX_STEPS] = {0};
        uint32_t count = data[4];
        size -= GAME_BYTES;
        if (count > size / STEP_BYTES) count = (uint32_t)(size / STEP_BYTES);
        for (uint32_t i = 0; i < count; i++) {
            const uint8_t *from = data + GAME_BYTES + STEP_BYTES * i;
            steps[i] = (struct behaviour_step){{{from[0] % 4}}, {{from[0] % 3}}, from[1] % 4, from[2] % 14};
        }
        const struct behaviour_id chain = {{data[5]}};
        const struct behaviour_game game = {.role = {{data[0] % 4}},
                                            .side = {{data[0] % 3}},
                                            .steps = steps,
                                            .chains = &chain,
                                            .step_count = count,
                                            .chain_count = data[5] % 2,
                                            .uses_left = data[1],
                                            .first_use_day = data[2],
                                            .first_use_part = data[3] % 4,
                                            .won = data[6] % 2};
        behaviour_add(graph, &game);
        data += GAME_BYTES + STEP_BYTES * count;
        size -= STEP_BYTES * count;
    }
}

static void check_reload(const struct behaviour *graph)
{
    size_t size = behaviour_saved_bytes(graph);
    uint8_t *saved = malloc(size);
    struct behaviour *again = behaviour_create(ROOM);
    if (!saved || !again) abort();
    behaviour_save(graph, saved);
    if (!behaviour_load(again, saved, size)) abort();
    check_saved(again, saved, size);
    behaviour_destroy(again);
    free(saved);
}

// The first byte chooses: the rest is a saved graph, or games.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct behaviour *graph = behaviour_create(ROOM);
    if (!graph || size == 0) {
        behaviour_destroy(graph);
        return 0;
    }
    if (data[0] == 'C')
        load_bytes(graph, data, size);
    else
        add_games(graph, data + 1, size - 1);
    check_reload(graph);
    check_tips(graph);
    if (behaviour_merge(graph, graph) != BEHAVIOUR_OK) abort();
    behaviour_destroy(graph);
    return 0;
}
