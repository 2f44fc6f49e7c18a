// OverlappingFieldsCanBeMerged: fields of one name in the answer are one field, or of objects that differ.
// Instead of comparing pairs, fields that come together are gathered into sets with their fragments in place:
// - shape: all fields of one name have one type, composite ones counting as one, and so have what is in them;
// - same: those that may be of one object are the same field with the same arguments, and so is what is in
// them. Both are equivalences, so each field is compared with the first of its group. The reference
// implementation knows no type of __typename, __schema and __type, nor what is below these; here the same.
#include <string.h>

#include "services/gateway/graphql/check/arguments.h"
#include "services/gateway/graphql/check/checking.h"

static const char RULE[] = "OverlappingFieldsCanBeMerged";

// A field as it comes into a set.
struct met {
    const struct ast_selection *field;
    const struct gql_type *parent; // NULL: not known
    struct met *next;              // of the set
    struct met *like;              // of the group
};

struct set {
    struct met *first, **end;
};

struct group {
    struct met *first, **end; // by `like`
    struct group *next;
};

struct overlap {
    struct checking *checking;
    uint32_t *visited, visit; // fragments by their place, and the visit that met them
    struct group **groups;    // by the id of a name; right where `seen` has the stamp
    struct group **by_type;   // by the type's place; right where of_type has the turn
    uint32_t *of_type, turn;
    uint64_t left; // fields that may still be met
    // By the place of a field, which may be met any number of times; right where it is hashed.
    struct argument_hash *hashes;
    bool *hashed;
};

static void set_add(struct overlap *overlap, struct set *set, const struct ast_selection *field,
                    const struct gql_type *parent)
{
    struct met *met = overlap->left ? check_alloc(overlap->checking, 1, sizeof *met) : NULL;
    if (!met) {
        gql_fault(overlap->checking->faults, GRAPHQL_TOO_WIDE, NULL, field->at,
                  "fields meet in too many ways");
        return;
    }
    overlap->left--;
    *met = (struct met){.field = field, .parent = parent};
    *set->end = met;
    set->end = &met->next;
}

static void set_collect(struct overlap *overlap, struct set *set, const struct ast_selection *selection,
                        const struct gql_type *parent)
{
    for (; selection && check_is_good(overlap->checking); selection = selection->next) {
        const struct ast_definition *fragment = selection->fragment;
        if (selection->kind == AST_FIELD) {
            set_add(overlap, set, selection, parent);
        } else if (selection->kind == AST_INLINE) {
            set_collect(overlap, set, selection->inner,
                        selection->name == GQL_NO_NAME ? parent : selection->type);
        } else if (overlap->visited[fragment->place] != overlap->visit) {
            overlap->visited[fragment->place] = overlap->visit;
            set_collect(overlap, set, fragment->selections, fragment->type);
        }
    }
}

static bool field_is_meta(const struct overlap *overlap, const struct gql_field *field)
{
    const struct gql_schema *schema = overlap->checking->schema;
    return field == schema->typename_field || field == schema->schema_field || field == schema->type_field;
}

static const struct gql_field *met_field(const struct overlap *overlap, const struct met *met)
{
    return met->parent && !field_is_meta(overlap, met->field->field) ? met->field->field : NULL;
}

// What is selected from all fields of a group.
static struct set group_inner(struct overlap *overlap, const struct met *first)
{
    struct set inner = {0};
    inner.end = &inner.first;
    overlap->visit++;
    for (const struct met *met = first; met; met = met->like) {
        const struct gql_field *field = met_field(overlap, met);
        if (met->field->inner) set_collect(overlap, &inner, met->field->inner, field ? field->of.type : NULL);
    }
    // The set is built: from now on its end would be the caller's stack.
    inner.end = NULL;
    return inner;
}

static struct group *group_create(struct overlap *overlap, struct group ***end)
{
    struct group *group = check_alloc(overlap->checking, 1, sizeof *group);
    if (!group) return NULL;
    group->end = &group->first;
    **end = group;
    *end = &group->next;
    return group;
}

static void group_add(struct group *group, struct met *met)
{
    *group->end = met;
    group->end = &met->like;
}

static struct group *set_group(struct overlap *overlap, const struct set *set)
{
    struct checking *checking = overlap->checking;
    struct group *first = NULL, **end = &first;
    checking->stamp++;
    for (struct met *met = set->first; met; met = met->next) {
        uint32_t key = met->field->key;
        if (!check_has(checking, key)) overlap->groups[key] = group_create(overlap, &end);
        if (!overlap->groups[key]) return NULL;
        checking->seen[key] = checking->stamp;
        met->like = NULL;
        group_add(overlap->groups[key], met);
    }
    return first;
}

static bool shapes_fit(struct gql_ref one, struct gql_ref two)
{
    bool composite = !gql_type_is_leaf(one.type) && !gql_type_is_leaf(two.type);
    return one.wraps == two.wraps && (composite || one.type == two.type);
}

static void group_check_shape(struct overlap *overlap, const struct group *group)
{
    const struct gql_field *known = NULL;
    for (const struct met *met = group->first; met; met = met->like) {
        const struct gql_field *field = met_field(overlap, met);
        if (known && field && !shapes_fit(known->of, field->of))
            check_fault(overlap->checking, RULE, met->field->at, "a field of this name has another type");
        if (!known) known = field;
    }
}

static void overlap_shape(struct overlap *overlap, struct set set)
{
    struct group *groups = set_group(overlap, &set);
    for (; groups && check_is_good(overlap->checking); groups = groups->next) {
        group_check_shape(overlap, groups);
        overlap_shape(overlap, group_inner(overlap, groups->first));
    }
}

static const struct argument_hash *field_hash(struct overlap *overlap, const struct ast_selection *field)
{
    struct argument_hash *hash = &overlap->hashes[field->place];
    if (!overlap->hashed[field->place])
        *hash = arguments_hash(overlap->checking->schema->names_key, field->arguments);
    overlap->hashed[field->place] = true;
    return hash;
}

static void group_check_same(struct overlap *overlap, const struct group *group)
{
    const struct ast_selection *first = group->first->field;
    if (!group->first->like) return;
    const struct argument_hash *hash = field_hash(overlap, first);
    for (const struct met *met = group->first->like; met; met = met->like) {
        const struct ast_selection *field = met->field;
        if (field->name != first->name)
            check_fault(overlap->checking, RULE, field->at, "this name is of another field");
        else if (!arguments_are_same(field_hash(overlap, field), hash))
            check_fault(overlap->checking, RULE, field->at, "this field has other arguments elsewhere");
    }
}

static bool met_is_object(const struct met *met) { return met->parent && met->parent->kind == GQL_OBJECT; }

static struct group *parts_of_objects(struct overlap *overlap, struct met *met, struct group **abstract)
{
    struct group *parts = NULL, **end = &parts;
    overlap->turn++;
    *abstract = NULL;
    for (struct met *next; met; met = next) {
        struct group **part = met_is_object(met) ? &overlap->by_type[met->parent->place] : abstract;
        next = met->like;
        met->like = NULL;
        if (part != abstract && overlap->of_type[met->parent->place] != overlap->turn) {
            overlap->of_type[met->parent->place] = overlap->turn;
            *part = group_create(overlap, &end);
        }
        if (part == abstract && !*abstract) {
            struct group *none = NULL, **apart = &none;
            *abstract = group_create(overlap, &apart);
        }
        if (!*part) return NULL;
        group_add(*part, met);
    }
    return parts;
}

// A copy of what is of no object behind what is of one.
static void part_join(struct overlap *overlap, struct group *part, const struct group *abstract)
{
    struct set copies = {0};
    copies.end = &copies.first;
    for (const struct met *met = abstract->first; met; met = met->like)
        set_add(overlap, &copies, met->field, met->parent);
    for (struct met *met = copies.first; met; met = met->next) group_add(part, met);
}

static void overlap_same(struct overlap *overlap, struct set set);

// Fields that may be of one object: those of each type of object, with those of no certain one.
static void group_same(struct overlap *overlap, struct group *group)
{
    struct group *abstract, *parts = parts_of_objects(overlap, group->first, &abstract);
    for (struct group *part = parts; part && abstract; part = part->next) part_join(overlap, part, abstract);
    if (!parts) parts = abstract;
    for (; parts && check_is_good(overlap->checking); parts = parts->next) {
        group_check_same(overlap, parts);
        overlap_same(overlap, group_inner(overlap, parts->first));
    }
}

static void overlap_same(struct overlap *overlap, struct set set)
{
    struct group *groups = set_group(overlap, &set);
    for (; groups && check_is_good(overlap->checking); groups = groups->next) group_same(overlap, groups);
}

static struct set operation_set(struct overlap *overlap, const struct ast_definition *operation)
{
    struct set set = {0};
    set.end = &set.first;
    overlap->visit++;
    set_collect(overlap, &set, operation->selections, operation->type);
    set.end = NULL;
    return set;
}

enum { WAYS = 16 };

// Every fragment is used by an operation, so what is in it is compared there.
bool check_overlap(struct checking *checking)
{
    uint32_t names = gql_names_count(&checking->document->names);
    struct overlap overlap = {.checking = checking, .left = (uint64_t)checking->limits->fields * WAYS};
    overlap.visited = check_alloc(checking, checking->document->fragments, sizeof *overlap.visited);
    overlap.groups = check_alloc(checking, names, sizeof(struct group *));
    overlap.by_type = check_alloc(checking, checking->schema->types_count, sizeof(struct group *));
    overlap.of_type = check_alloc(checking, checking->schema->types_count, sizeof *overlap.of_type);
    overlap.hashes = check_alloc(checking, checking->document->fields, sizeof *overlap.hashes);
    overlap.hashed = check_alloc(checking, checking->document->fields, sizeof *overlap.hashed);
    if (checking->arena->failed) return false;
    for (const struct ast_definition *each = checking->document->definitions; each; each = each->next) {
        if (each->kind == AST_FRAGMENT) continue;
        overlap_shape(&overlap, operation_set(&overlap, each));
        overlap_same(&overlap, operation_set(&overlap, each));
    }
    return check_is_good(checking);
}
