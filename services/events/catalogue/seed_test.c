// The catalogue that a fresh installation begins with is whole: every text in both languages, every night.
#include "tests/test.h"

#include "lib/base/text.h"
#include "services/events/catalogue/catalogue.h"
#include "services/events/catalogue/night.h"

enum { MOST = 128, ZWNJ = 0x200C };

struct seed_rows {
    const char *words[MOST]; // slugs, and names of cards
    size_t count, roles, cards;
    size_t wakes[8]; // how many roles by Role.Wakes
};

static bool is_arabic(uint32_t character) { return character >= 0x600 && character <= 0x6FF; }

static bool is_latin(uint32_t character)
{
    return (character >= 'A' && character <= 'Z') || (character >= 'a' && character <= 'z');
}

// Of a text that is UTF-8; 0 at its end.
static uint32_t next_character(const char **text)
{
    const unsigned char *at = (const unsigned char *)*text;
    if (!*at) return 0;
    unsigned more = *at < 0x80 ? 0 : *at < 0xE0 ? 1 : *at < 0xF0 ? 2 : 3;
    uint32_t character = more ? *at & (0x3Fu >> more) : *at;
    for (unsigned i = 1; i <= more; i++) character = character << 6 | (at[i] & 0x3F);
    *text += more + 1;
    return character;
}

// Letters and digits are Persian's own: not the Arabic yeh, kaf and digits, and nothing Latin.
static bool is_persian(uint32_t character)
{
    bool arabs = character == 0x64A || character == 0x649 || character == 0x643 || character == 0x629 ||
                 (character >= 0x660 && character <= 0x669);
    return is_arabic(character)
               ? !arabs
               : character == ZWNJ ||
                     (character < 0x80 && !is_latin(character) && !(character >= '0' && character <= '9')) ||
                     character == 0xAB || character == 0xBB;
}

static void assert_text(const char *text, size_t most, const char *where)
{
    size_t len = strlen(text);
    if (len == 0) fail_msg("%s has a text too few", where);
    assert_true(text_is_utf8(text, len));
    assert_in_range(text_characters(text), 1, most);
    if (text_has_controls(text, false)) fail_msg("%s: %s", where, text);
    if (text[0] == ' ' || text[len - 1] == ' ' || strstr(text, "  ")) fail_msg("%s: %s", where, text);
}

static void assert_persian(const char *text, size_t most, const char *where)
{
    const char *at = text;
    size_t letters = 0;
    uint32_t before = ' ', character;
    assert_text(text, most, where);
    for (; (character = next_character(&at)); before = character) {
        if (!is_persian(character)) fail_msg("%s: U+%04X in %s", where, character, text);
        bool torn = (before == ZWNJ && !is_arabic(character)) || (character == ZWNJ && !is_arabic(before));
        if (torn) fail_msg("%s: a joiner at an edge in %s", where, text);
        letters += is_arabic(character);
    }
    assert_int_not_equal(before, ZWNJ);
    assert_true(letters > 0);
}

static void assert_english(const char *text, size_t most, const char *where)
{
    const char *at = text;
    size_t letters = 0;
    assert_text(text, most, where);
    for (uint32_t character; (character = next_character(&at));) {
        if (is_arabic(character)) fail_msg("%s: %s", where, text);
        letters += is_latin(character);
    }
    assert_true(letters > 0);
}

static void assert_new(struct seed_rows *rows, const char *word)
{
    for (size_t i = 0; i < rows->count; i++)
        if (strcmp(rows->words[i], word) == 0) fail_msg("%s is there twice", word);
    assert_true(rows->count < MOST);
    rows->words[rows->count++] = strdup(word);
}

static void assert_role(struct seed_rows *rows, const Events__Role *role)
{
    struct err err = {0};
    bool sleeps = role->wakes == EVENTS__ROLE__WAKES__NEVER;
    assert_new(rows, role->slug);
    assert_true(text_is_slug(role->slug));
    assert_english(role->name, 64, role->slug);
    assert_persian(role->name_fa, 128, role->slug);
    assert_english(role->effect, 1024, role->slug);
    assert_persian(role->effect_fa, 1024, role->slug);
    if (!night_check(role, &err)) fail_msg("%s: %s", role->slug, err.message);
    assert_in_range(role->wakes, EVENTS__ROLE__WAKES__FIRST, EVENTS__ROLE__WAKES__NEVER);
    assert_in_range(role->night_order, sleeps ? 0 : 1, sleeps ? 0 : 1000);
    assert_true(role->n == 0 || (role->n >= 2 && role->n <= 10));
    rows->wakes[role->wakes]++;
    if (sleeps) return;
    assert_english(role->prompt, 512, role->slug);
    assert_persian(role->prompt_fa, 512, role->slug);
}

static void assert_last_move(struct seed_rows *rows, const Events__LastMove *move)
{
    assert_int_equal(move->number, rows->cards + 1);
    assert_new(rows, move->name);
    assert_english(move->name, 64, move->name);
    assert_persian(move->name_fa, 128, move->name);
    assert_english(move->effect, 1024, move->name);
    assert_persian(move->effect_fa, 1024, move->name);
}

static bool visit_seed(void *arg, enum events_table table, const ProtobufCMessage *row, struct err *err)
{
    struct seed_rows *rows = arg;
    (void)err;
    if (table == EVENTS_ROLES) assert_role(rows, (const Events__Role *)row), rows->roles++;
    if (table == EVENTS_LAST_MOVES) assert_last_move(rows, (const Events__LastMove *)row), rows->cards++;
    return true;
}

static void every_row_has_all_its_texts_and_its_night(void **state)
{
    (void)state;
    struct err err = {0};
    struct seed_rows rows = {.count = 0};
    if (!seed_each(visit_seed, &rows, &err)) fail_msg("%s", err.message);
    assert_int_equal(rows.roles, 67);
    assert_int_equal(rows.cards, 47);
    for (int wakes = EVENTS__ROLE__WAKES__FIRST; wakes <= EVENTS__ROLE__WAKES__NEVER; wakes++)
        assert_true(rows.wakes[wakes] > 0);
    for (size_t i = 0; i < rows.count; i++) free((char *)rows.words[i]);
}

struct night_of {
    const char *slug;
    const Events__Role *found;
    Events__Role role;
};

static bool find_night(void *arg, enum events_table table, const ProtobufCMessage *row, struct err *err)
{
    struct night_of *night = arg;
    (void)err;
    if (table != EVENTS_ROLES || strcmp(((const Events__Role *)row)->slug, night->slug) != 0) return true;
    night->role = *(const Events__Role *)row; // its texts do not outlive the visit
    night->found = &night->role;
    return true;
}

static Events__Role night_of(const char *slug)
{
    struct err err = {0};
    struct night_of night = {.slug = slug};
    if (!seed_each(find_night, &night, &err)) fail_msg("%s", err.message);
    if (!night.found) fail_msg("there is no %s", slug);
    return night.role;
}

// Answers are shown at once, so who changes them comes first; so do those who keep others from waking.
static void the_night_has_an_order_in_which_acts_count(void **state)
{
    (void)state;
    const char *const first_to_last[] = {"emad",      "opium",    "jailer",        "mafia-boss",
                                         "surgeon",   "doctor",   "serial-killer", "sheriff",
                                         "detective", "injector", "narrator",      NULL},
                      *const pairs[][2] = {{"sorcerer", "mafia-boss"}, {"charlatan", "detective"},
                                           {"half-breed", "simin"},    {"saba", "mafia-boss"},
                                           {"twin", "mafia-boss"},     {"werewolf", "priest"}};
    for (size_t i = 1; first_to_last[i]; i++)
        assert_true(night_of(first_to_last[i - 1]).night_order < night_of(first_to_last[i]).night_order);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        assert_true(night_of(pairs[i][0]).night_order < night_of(pairs[i][1]).night_order);
}

static void the_mafia_wakes_together_and_meets(void **state)
{
    (void)state;
    const Events__Role boss = night_of("mafia-boss"), spy = night_of("spy"),
                       two_faced = night_of("two-faced");
    const char *const group[] = {"bomber", "bodyguard", "mistress", "nightmare"};
    for (size_t i = 0; i < sizeof group / sizeof *group; i++) {
        const Events__Role member = night_of(group[i]);
        assert_int_equal(member.night_order, boss.night_order);
        assert_true(member.meets);
    }
    assert_true(boss.meets);
    assert_true(night_of("charlatan").meets);
    assert_int_equal(spy.night_order, boss.night_order);
    assert_false(spy.meets);
    assert_int_not_equal(two_faced.night_order, boss.night_order);
    assert_false(two_faced.meets);
    assert_false(night_of("doctor").meets);
}

struct sides {
    size_t count, meeting;
};

static bool see_side(void *arg, enum events_table table, const ProtobufCMessage *row, struct err *err)
{
    struct sides *sides = arg;
    const Events__Side *side = (const Events__Side *)row;
    (void)err;
    if (table != EVENTS_SIDES) return true;
    bool meets = strcmp(side->slug, "mafia") == 0 || strcmp(side->slug, "black-army") == 0;
    assert_true(side->meets__case == EVENTS__SIDE__MEETS__MEETS);
    assert_int_equal(side->meets, meets);
    sides->count++;
    sides->meeting += meets;
    return true;
}

// A room of the citizens would name who is innocent.
static void only_sides_whose_roles_meet_do(void **state)
{
    struct err err = {0};
    struct sides sides = {0};
    (void)state;
    assert_true(seed_each(see_side, &sides, &err));
    assert_int_equal(sides.count, 8);
    assert_int_equal(sides.meeting, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_has_all_its_texts_and_its_night),
        cmocka_unit_test(the_night_has_an_order_in_which_acts_count),
        cmocka_unit_test(the_mafia_wakes_together_and_meets),
        cmocka_unit_test(only_sides_whose_roles_meet_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
