// Any bytes as a model's answer: every bullet names messages that it was given, of one room, and has neither
// links nor mentions.
#include <assert.h>
#include <string.h>

#include "lib/base/text.h"
#include "services/ai/summaries/answer.h"

enum { MESSAGES = 6, FIRST = 1, END = 5 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_bullet(const struct window *window, const struct bullet *bullet)
{
    assert(bullet->messages_count >= 1 && bullet->messages_count <= BULLET_MESSAGES);
    for (size_t i = 0; i < bullet->messages_count; i++) {
        assert(bullet->messages[i] >= FIRST && bullet->messages[i] < END);
        assert(strcmp(window->messages[bullet->messages[i]].room_id, bullet->room_id) == 0);
        for (size_t k = 0; k < i; k++) assert(bullet->messages[k] != bullet->messages[i]);
    }
    size_t text_len = strlen(bullet->text);
    assert(text_len && text_len < BULLET_BYTES && text_is_utf8(bullet->text, text_len));
    assert(!strpbrk(bullet->text, "<>@`|\n") && !strstr(bullet->text, "://"));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct bullets bullets = {.count = 0}, again = {.count = 0};
    struct window window;
    window_open(&window);
    for (; window.count < MESSAGES; window.count++)
        window.messages[window.count] =
            (struct window_message){.room_id = window.count % 2 ? "a" : "b", .author = "ann", .text = "x"};
    answer_read((const char *)bytes, len, &window, FIRST, END, &bullets);
    assert(bullets.count <= BULLETS_MOST);
    for (size_t i = 0; i < bullets.count; i++) check_bullet(&window, &bullets.all[i]);
    answer_read_again((const char *)bytes, len, bullets.all, bullets.count, &again);
    for (size_t i = 0; i < again.count; i++) check_bullet(&window, &again.all[i]);
    window_close(&window);
    return 0;
}
