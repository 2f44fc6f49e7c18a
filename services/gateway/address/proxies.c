#include "services/gateway/address/proxies.h"

#include <string.h>

static const char blanks[] = " \t";

// The part of [text, end) without blanks around it.
static size_t proxies_trim(const char **text, const char *end)
{
    while (*text < end && strchr(blanks, **text)) (*text)++;
    while (end > *text && strchr(blanks, end[-1])) end--;
    return (size_t)(end - *text);
}

bool proxies_parse(const char *text, struct proxies *proxies, struct err *err)
{
    const char *rest = text + strspn(text, blanks);
    proxies->count = 0;
    if (!*rest) return true;
    for (const char *end;; rest = end + 1) {
        end = rest + strcspn(rest, ",");
        size_t len = proxies_trim(&rest, end);
        if (proxies->count == PROXIES_MOST)
            return err_fail(err, INVALID_FIELD, "there may be at most %d entries", PROXIES_MOST);
        if (!network_parse(rest, len, &proxies->networks[proxies->count]))
            return err_fail(err, INVALID_FIELD, "\"%.*s\" is not an address or a network like 10.0.0.0/8",
                            (int)(len < 80 ? len : 80), rest);
        proxies->count++;
        if (!*end) return true;
    }
}

bool proxies_trust(const struct proxies *proxies, const struct address *address)
{
    for (size_t i = 0; i < proxies->count; i++)
        if (network_holds(&proxies->networks[i], address)) return true;
    return false;
}

void forwarded_add(struct forwarded *forwarded, const char *line)
{
    const char **lines = forwarded->lines;
    if (forwarded->count == PROXIES_MOST_LINES) memmove(lines, lines + 1, --forwarded->count * sizeof *lines);
    lines[forwarded->count++] = line;
}

// A walk over the entries, from the last one of the last line to the left.
struct walk {
    const struct forwarded *forwarded;
    size_t lines;    // left, with the present one
    const char *end; // of what is left of it; NULL: not begun
};

// The next entry to the left, its blanks trimmed; false when there is none.
static bool proxies_step(struct walk *walk, const char **entry, size_t *len)
{
    if (walk->lines == 0) return false;
    const char *line = walk->forwarded->lines[walk->lines - 1];
    const char *end = walk->end ? walk->end : line + strlen(line), *at = end;
    while (at > line && at[-1] != ',') at--;
    *entry = at;
    *len = proxies_trim(entry, end);
    walk->end = at > line ? at - 1 : NULL;
    if (!walk->end) walk->lines--;
    return true;
}

struct address proxies_client(const struct proxies *proxies, const struct address *peer,
                              const struct forwarded *forwarded)
{
    struct walk walk = {.forwarded = forwarded, .lines = forwarded->count};
    struct address client = *peer, found;
    const char *entry;
    size_t len;
    for (int hop = 0; proxies_step(&walk, &entry, &len); hop++) {
        if (hop == PROXIES_MOST_HOPS || !address_parse(entry, len, &found)) return *peer;
        client = found;
        if (!proxies_trust(proxies, &client)) break;
    }
    return client;
}
