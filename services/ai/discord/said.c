#include "services/ai/discord/said.h"

#include <stdio.h>
#include <string.h>

#include "lib/text/markdown.h"

enum { LINE_BYTES = 2048 };

// ---- Messages

// A character beyond the first plane is two.
static size_t characters_of(const char *text)
{
    size_t count = 0;
    for (; *text; text++) {
        count += (*text & 0xC0) != 0x80;
        count += (*text & 0xF8) == 0xF0;
    }
    return count;
}

// The message being written, and those before.
struct writing {
    struct said *said;
    struct arena *arena;
    struct buf now;
    size_t characters;
};

static void writing_turn(struct writing *writing)
{
    if (!writing->now.len || writing->said->count == SAID_MESSAGES) return;
    writing->said->messages[writing->said->count++] = arena_str(writing->arena, writing->now.bytes);
    buf_reset(&writing->now);
    writing->characters = 0;
}

static void write_line(struct writing *writing, const char *line)
{
    size_t characters = characters_of(line);
    if (characters > SAID_CHARACTERS) return;
    if (writing->characters + 1 + characters > SAID_CHARACTERS) writing_turn(writing);
    if (writing->now.len) buf_char(&writing->now, '\n'), writing->characters++;
    buf_str(&writing->now, line);
    writing->characters += characters;
}

static void write_bullet(struct writing *writing, const struct said_summary *summary,
                         const struct bullet *bullet)
{
    struct buf line;
    buf_init(&line, LINE_BYTES);
    buf_str(&line, "- ");
    markdown_plain(&line, bullet->text);
    for (size_t i = 0; i < bullet->messages_count; i++)
        buf_printf(&line, " [%zu](https://discord.com/channels/%s/%s/%s)", i + 1, summary->guild_id,
                   summary->channel_id, summary->window->messages[bullet->messages[i]].id.text);
    if (!line.failed) write_line(writing, line.bytes);
    buf_finish(&line);
}

void said_summary(const struct said_summary *summary, struct arena *arena, struct said *said)
{
    struct writing writing = {.said = said, .arena = arena};
    *said = (struct said){.count = 0};
    buf_init(&writing.now, SAID_CHARACTERS * 4 + 1);
    write_line(&writing, summary->head);
    if (*summary->note) write_line(&writing, summary->note);
    for (size_t i = 0; i < summary->bullets->count; i++)
        write_bullet(&writing, summary, &summary->bullets->all[i]);
    writing_turn(&writing);
    buf_finish(&writing.now);
}
