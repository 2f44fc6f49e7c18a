// What a question gives, from the reply of its method.
#include <string.h>

#include "services/gateway/graphql/make/making.h"

enum { COST_READ = 1, COST_BULK = 4, COST_WRITE = 4, COST_SLOW = 10 };

uint16_t making_cost(const struct schema_method *method)
{
    switch (method->class) {
    case CONSE__CLASS__READ:
        return COST_READ;
    case CONSE__CLASS__BULK:
        return COST_BULK;
    case CONSE__CLASS__WRITE:
        return COST_WRITE;
    default:
        return COST_SLOW;
    }
}

static const ProtobufCFieldDescriptor *reply_token(const ProtobufCMessageDescriptor *reply)
{
    return protobuf_c_message_descriptor_get_field_by_name(reply, "next_page_token");
}

static const struct gql_type *making_page_info(struct making *making)
{
    if (making->page_info) return making->page_info;
    struct gql_type *type = making_add(making, GQL_OBJECT, "PageInfo", NULL);
    type->doc = "Where a page ends.";
    type->fields = making_alloc(making, 2, sizeof *type->fields);
    type->fields_count = 2;
    type->fields[0] = (struct gql_field){.name = "endCursor",
                                         .doc = "To be given as `after`; null after the last.",
                                         .of = {making_scalar(making, "String"), 0},
                                         .source = GQL_END_CURSOR};
    type->fields[1] = (struct gql_field){.name = "hasNextPage",
                                         .of = {making_scalar(making, "Boolean"), GQL_REQUIRED},
                                         .source = GQL_HAS_NEXT};
    return making->page_info = type;
}

// The list of the reply, and its page.
static const struct gql_type *making_page(struct making *making, const ProtobufCMessageDescriptor *reply)
{
    struct gql_type *type = making_find(making, GQL_OBJECT, reply);
    if (type) return type;
    const ProtobufCFieldDescriptor *nodes = &reply->fields[0];
    if (reply->n_fields != 2 || nodes->label != PROTOBUF_C_LABEL_REPEATED)
        return making_refuse(making, "a page has a list and a token", reply->name), NULL;
    type = making_add(making, GQL_OBJECT, "", reply);
    struct gql_ref item = making_value(making, nodes, false);
    type->name = arena_printf(making->arena, "%sList", item.type->name);
    type->message = reply;
    type->fields = making_alloc(making, 2, sizeof *type->fields);
    type->fields_count = 2;
    type->fields[0] = (struct gql_field){.name = "nodes",
                                         .of = {item.type, GQL_LIST | GQL_ITEM_REQUIRED | GQL_REQUIRED},
                                         .source = GQL_FIELD,
                                         .field = nodes};
    type->fields[1] = (struct gql_field){.name = "pageInfo",
                                         .of = {making_page_info(making), GQL_REQUIRED},
                                         .source = GQL_PAGE_INFO,
                                         .field = reply_token(reply)};
    return type;
}

void making_reply(struct making *making, struct gql_field *field, const struct route *route)
{
    const ProtobufCMessageDescriptor *reply = route->method->reply;
    field->cost = making_cost(route->method);
    if (reply_token(reply)) {
        field->of.type = making_page(making, reply);
    } else if (name_is_of(reply->name, "Reply") && reply->n_fields == 1) {
        field->field = &reply->fields[0];
        field->of.type = making_value(making, field->field, false).type;
        if (field->field->label == PROTOBUF_C_LABEL_REPEATED) field->of.wraps = GQL_LIST | GQL_ITEM_REQUIRED;
    } else {
        field->of.type = making_object(making, reply, NULL);
    }
}
