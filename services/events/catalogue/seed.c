// The catalogue a fresh installation begins with: services/events/catalogue/seed/*.json, built into the
// program.
#include <jansson.h>
#include <sodium.h>
#include <string.h>

#include "services/events/catalogue/catalogue.h"
#include "services/events/tables.h"

#define EMBED(name, path)                                                                                    \
    __asm__(".pushsection .rodata\n.global seed_" #name "\n.global seed_" #name "_end\nseed_" #name          \
            ":\n.incbin \"" path "\"\nseed_" #name "_end:\n.byte 0\n.popsection\n");                         \
    extern const char seed_##name[], seed_##name##_end[]

EMBED(sides, "services/events/catalogue/seed/sides.json");
EMBED(roles, "services/events/catalogue/seed/roles.json");
EMBED(last_moves, "services/events/catalogue/seed/last_moves.json");

// An id that follows from what the row is: UUID version 8 (RFC 9562 section 5.8) from SHA-256.
static struct uuid seed_id(const char *kind, const char *slug)
{
    uint8_t hash[32];
    char text[128], hex[33];
    snprintf(text, sizeof text, "conse/catalogue/%s/%s", kind, slug);
    crypto_hash_sha256(hash, (const uint8_t *)text, strlen(text));
    hash[6] = 0x80 | (hash[6] & 0x0F);
    hash[8] = 0x80 | (hash[8] & 0x3F);
    hex_encode(hex, hash, 16);
    struct uuid id;
    snprintf(id.text, sizeof id.text, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
             hex + 20);
    return id;
}

static const char *text_of(const json_t *row, const char *name)
{
    const char *text = json_string_value(json_object_get(row, name));
    return text ? text : "";
}

static int32_t number_of(const json_t *row, const char *name)
{
    return (int32_t)json_integer_value(json_object_get(row, name));
}

// UNSPECIFIED when the seed has no such word.
static Events__Role__Wakes wakes_of(const json_t *row)
{
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value_by_name(&events__role__wakes__descriptor, text_of(row, "wakes"));
    return value ? (Events__Role__Wakes)value->value : EVENTS__ROLE__WAKES__WAKES_UNSPECIFIED;
}

static bool visit_side(const json_t *row, seed_visit *visit, void *arg, struct err *err)
{
    struct uuid id = seed_id("side", text_of(row, "slug"));
    Events__Side side = EVENTS__SIDE__INIT;
    side.id = id.text;
    side.slug = text_of(row, "slug");
    side.name = text_of(row, "name");
    side.name_fa = text_of(row, "name_fa");
    side.meets__case = EVENTS__SIDE__MEETS__MEETS;
    side.meets = json_is_true(json_object_get(row, "meets"));
    return visit(arg, EVENTS_SIDES, &side.base, err);
}

static bool visit_role(const json_t *row, seed_visit *visit, void *arg, struct err *err)
{
    struct uuid id = seed_id("role", text_of(row, "slug")), side_id = seed_id("side", text_of(row, "side"));
    Events__Role role = EVENTS__ROLE__INIT;
    role.id = id.text;
    role.slug = text_of(row, "slug");
    role.name = text_of(row, "name");
    role.name_fa = text_of(row, "name_fa");
    role.side_id = side_id.text;
    role.abilities = number_of(row, "abilities");
    role.copies = number_of(row, "copies");
    role.effect = text_of(row, "effect");
    role.effect_fa = text_of(row, "effect_fa");
    role.wakes = wakes_of(row);
    role.night_order = number_of(row, "night_order");
    role.n = number_of(row, "n");
    role.meets = json_is_true(json_object_get(row, "meets"));
    role.prompt = text_of(row, "prompt");
    role.prompt_fa = text_of(row, "prompt_fa");
    return visit(arg, EVENTS_ROLES, &role.base, err);
}

static bool visit_last_move(const json_t *row, seed_visit *visit, void *arg, struct err *err)
{
    char number[16];
    snprintf(number, sizeof number, "%d", number_of(row, "number"));
    struct uuid id = seed_id("last-move", number);
    Events__LastMove move = EVENTS__LAST_MOVE__INIT;
    move.id = id.text;
    move.number = number_of(row, "number");
    move.name = text_of(row, "name");
    move.name_fa = text_of(row, "name_fa");
    move.effect = text_of(row, "effect");
    move.effect_fa = text_of(row, "effect_fa");
    return visit(arg, EVENTS_LAST_MOVES, &move.base, err);
}

typedef bool seed_row(const json_t *row, seed_visit *visit, void *arg, struct err *err);

static bool visit_file(const char *begin, const char *end, seed_row *visit_row, seed_visit *visit, void *arg,
                       struct err *err)
{
    json_error_t fault;
    json_t *rows = json_loadb(begin, (size_t)(end - begin), JSON_REJECT_DUPLICATES, &fault), *row;
    bool ok =
        json_is_array(rows) || err_fail(err, INTERNAL_ERROR, "seed: %s, line %d", fault.text, fault.line);
    size_t i;
    json_array_foreach(rows, i, row) ok = ok && visit_row(row, visit, arg, err);
    json_decref(rows);
    return ok;
}

bool seed_each(seed_visit *visit, void *arg, struct err *err)
{
    return visit_file(seed_sides, seed_sides_end, visit_side, visit, arg, err) &&
           visit_file(seed_roles, seed_roles_end, visit_role, visit, arg, err) &&
           visit_file(seed_last_moves, seed_last_moves_end, visit_last_move, visit, arg, err);
}
