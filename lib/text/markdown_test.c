// What people wrote, without links, mentions and markup.
#include "lib/text/markdown.h"

#include "tests/test.h"

static const char *clean(const char *text)
{
    static struct buf out;
    buf_finish(&out);
    buf_init(&out, 4096);
    markdown_plain(&out, text);
    return out.bytes;
}

static void nothing_is_a_link_a_mention_or_markup(void **state)
{
    (void)state;
    assert_string_equal(clean("plain words, سلام"), "plain words, سلام");
    assert_string_equal(clean("see https://evil.example/x now"), "see (link) now");
    assert_string_equal(clean("x:http://a [go](https://b)"), "(link) (link)");
    assert_string_equal(clean("discord.gg/abc www.a.b"), "(link) (link)");
    assert_string_equal(clean("Discord.GG/abc discord.com/invite/a WWW.a.b"), "(link) (link) (link)");
    assert_string_equal(clean("@everyone <@123> <#4>"), "@\xE2\x80\x8B"
                                                        "everyone \xE2\x80\xB9@\xE2\x80\x8B"
                                                        "123\\> "
                                                        "\xE2\x80\xB9\\#4\\>");
    assert_string_equal(clean("*a* _b_ ~c~ `d` |e| [f] \\g"),
                        "\\*a\\* \\_b\\_ \\~c\\~ \\`d\\` \\|e\\| \\[f\\] \\\\g");
    assert_string_equal(clean("  two\n\nlines\t"), "two lines");
    assert_string_equal(clean(""), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_a_link_a_mention_or_markup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
