#include "services/ai/summaries/model.h"

#include <string.h>

#include "services/ai/summaries/answer.h"

enum { PROMPT_BYTES = 4 << 20, ANSWER_BYTES = 32 << 10, FRAME_BYTES = 48, GROWTH = 2 };

struct part {
    size_t first, end; // of the window's messages
};

struct notes {
    struct bullet all[MODEL_PARTS * BULLETS_MOST];
    size_t count;
};

// What a message takes of a prompt; as JSON a text is longer where it has line feeds or quotes.
static size_t weigh_message(const struct window_message *message)
{
    size_t bytes = FRAME_BYTES + strlen(message->author);
    for (const char *at = message->text; *at; at++) bytes += strchr("\n\"\\", *at) ? GROWTH : 1;
    return bytes;
}

// False when there are too many.
static bool part_window(const struct model *model, const struct window *window,
                        struct part parts[MODEL_PARTS], size_t *count)
{
    size_t bytes = 0;
    *count = 0;
    for (size_t i = 0; i < window->count; i++) {
        size_t weight = weigh_message(&window->messages[i]);
        bool fits = *count && bytes + weight <= model->prompt_bytes;
        if (!fits && *count == MODEL_PARTS) return false;
        if (!fits) parts[(*count)++] = (struct part){i, i}, bytes = 0;
        parts[*count - 1].end = i + 1;
        bytes += weight;
    }
    return true;
}

static bool ask_about(const struct model *model, const char *system, const struct buf *prompt,
                      struct buf *answer, struct err *err)
{
    if (prompt->failed) return err_fail(err, CALL_TOO_LARGE, "the prompt is too long");
    return model->ask(model->arg, system, prompt->bytes, answer, err);
}

static bool sum_up_part(const struct model *model, const struct window *window, const struct part *part,
                        struct bullets *bullets, struct err *err)
{
    struct buf prompt, answer;
    buf_init(&prompt, PROMPT_BYTES);
    buf_init(&answer, ANSWER_BYTES);
    answer_list_messages(&prompt, window, part->first, part->end);
    bool ok = ask_about(model, answer_system, &prompt, &answer, err);
    if (ok) answer_read(answer.bytes, answer.len, window, part->first, part->end, bullets);
    buf_finish(&prompt);
    buf_finish(&answer);
    return ok;
}

static bool sum_up_notes(const struct model *model, const struct notes *notes, struct bullets *bullets,
                         struct err *err)
{
    struct buf prompt, answer;
    buf_init(&prompt, PROMPT_BYTES);
    buf_init(&answer, ANSWER_BYTES);
    answer_list_bullets(&prompt, notes->all, notes->count);
    bool ok = ask_about(model, answer_system_again, &prompt, &answer, err);
    if (ok) answer_read_again(answer.bytes, answer.len, notes->all, notes->count, bullets);
    buf_finish(&prompt);
    buf_finish(&answer);
    return ok;
}

static bool sum_up_parts(const struct model *model, const struct window *window, const struct part *parts,
                         size_t count, struct bullets *bullets, struct err *err)
{
    struct notes notes = {.count = 0};
    for (size_t i = 0; i < count; i++) {
        struct bullets own = {.count = 0};
        if (!sum_up_part(model, window, &parts[i], &own, err)) return false;
        memcpy(&notes.all[notes.count], own.all, own.count * sizeof *own.all);
        notes.count += own.count;
    }
    return !notes.count || sum_up_notes(model, &notes, bullets, err);
}

bool model_bullets(const struct model *model, const struct window *window, struct bullets *bullets,
                   struct err *err)
{
    struct part parts[MODEL_PARTS];
    size_t count;
    bullets->count = 0;
    if (!part_window(model, window, parts, &count))
        return err_fail(err, CALL_TOO_LARGE, "the messages are too many for the language model");
    bool ok = count == 1 ? sum_up_part(model, window, &parts[0], bullets, err)
                         : sum_up_parts(model, window, parts, count, bullets, err);
    return ok && (bullets->count || err_fail(err, SERVICE_AWAY, "no bullet of the answer names messages"));
}
