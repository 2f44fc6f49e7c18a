#include "lib/text/markdown.h"

#include <string.h>
#include <strings.h>

static bool is_link(const char *word, size_t len)
{
    static const char *const marks[] = {"://", "discord.gg/", "/invite/", "www."};
    for (size_t m = 0; m < sizeof marks / sizeof *marks; m++)
        for (size_t i = 0, size = strlen(marks[m]); i + size <= len; i++)
            if (strncasecmp(word + i, marks[m], size) == 0) return true;
    return false;
}

static void plain_word(struct buf *out, const char *word, size_t len)
{
    if (is_link(word, len)) return buf_str(out, "(link)");
    for (size_t i = 0; i < len; i++) {
        if (strchr("*_~`|[]()\\#>-", word[i])) buf_char(out, '\\');
        if (word[i] == '@')
            buf_str(out, "@\xE2\x80\x8B"); // a space of no width, so that nobody is called
        else if (word[i] == '<')
            buf_str(out, "\xE2\x80\xB9");
        else
            buf_char(out, word[i]);
    }
}

void markdown_plain(struct buf *out, const char *text)
{
    for (bool any = false; *text;) {
        size_t blanks = strspn(text, " \t\r\n"), len = strcspn(text + blanks, " \t\r\n");
        if (len && any) buf_char(out, ' ');
        if (len) plain_word(out, text + blanks, len);
        any |= len > 0;
        text += blanks + len;
    }
}
