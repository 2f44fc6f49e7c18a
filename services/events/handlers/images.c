// Cover images of events and groups. The bytes are stored under their hash; events and groups name the hash.
#include <string.h>

#include "lib/base/ids.h"
#include "lib/base/log.h"
#include "services/events/edited.h"
#include "services/events/handlers/handlers.h"
#include "services/events/image/image.h"
#include "services/events/handlers/owned.h"
#include "services/events/live/pictures.h"
#include "services/events/names/groups.h"
#include "services/events/tables.h"

static const struct store_table *const images = &events_tables[EVENTS_IMAGES];

// The bytes that are kept, and the god that puts them.
static bool take_picture(struct rpc_call *call, const ProtobufCBinaryData *bytes, struct picture *picture,
                         struct err *err)
{
    struct image image = {.bytes = arena_alloc(call->arena, bytes->len + 1)};
    if (!image.bytes) return err_fail(err, CALL_TOO_LARGE, "the image needs more memory than a call may use");
    if (!image_strip(&image, bytes->data, bytes->len))
        return err_fail(err, NOT_AN_IMAGE, "the bytes are not a whole PNG, JPEG or WebP image");
    if (!image_fits(&image))
        return err_fail(err, IMAGE_DIMENSIONS, "an image of %u x %u pixels is too large", image.width,
                        image.height);
    *picture = (struct picture){.god_id = call->caller->user_id,
                                .type = image.type,
                                .bytes = {image.len, image.bytes},
                                .now_ms = call->now_ms};
    return true;
}

// Nobody puts or sweeps an image until it is known whether this one is shown.
static bool images_await(const struct rpc_call *call, struct err *err)
{
    const struct events *events = call->service;
    struct err of_rows; // which are rebuilt when they fail
    if (call->ticket && !store_wait(events->store, call->ticket, err)) return false;
    if (call->rows_ticket && !store_wait(events->store, call->rows_ticket, &of_rows))
        log_err(LOG_WARN, "events.pictures", &of_rows);
    return true;
}

static bool check_event(struct rpc_call *call, struct err *err)
{
    AUTO_COMMAND struct command command = {.call = call};
    return command_begin(&command, err) &&
           (!game_over(command.game) ||
            err_fail(err, EVENT_OVER, "the event is %s", rules_state_name(command.game->state)));
}

static bool show_in_event(struct rpc_call *call, const struct picture *picture, const ProtobufCMessage *reply,
                          struct err *err)
{
    AUTO_COMMAND struct command command = {.call = call};
    return command_begin(&command, err) &&
           rules_image(command.game, &command.entries, picture->sha256, picture->type, err) &&
           command_commit(&command, reply, err);
}

HANDLER(put_event_image, Events__PutImageRequest, Google__Protobuf__Empty)
{
    struct picture picture;
    if (!check_event(call, err) || !take_picture(call, &request->image, &picture, err)) return false;
    AUTO_TURN struct pictures *turn = pictures_enter(call->service);
    if (!picture_keep(turn, &picture, err)) return false;
    if (show_in_event(call, &picture, &reply->base, err) && images_await(call, err)) return true;
    picture_drop(turn, &picture);
    return false;
}

static bool show_in_group(struct rpc_call *call, const struct picture *picture, const ProtobufCMessage *reply,
                          struct err *err)
{
    struct events *events = call->service;
    Game__GroupRow *row;
    uint64_t version;
    if (!group_begin(call, &row, &version, err)) return false;
    row->image_id = picture->id;
    row->group->image_url = arena_printf(call->arena, "/groups/%s/image", row->id);
    struct group_edit *edit = group_edit_begin(events->group_names, row->id);
    if (!edit) return err_fail(err, INTERNAL_ERROR, "out of memory");
    const struct store_write *write = rpc_seal(call, reply, group_edit_done, edit);
    if (call->arena->failed) return group_edit_done(edit, false), filled(NULL, err); // it must not be written
    const uint64_t ticket =
        store_put(events->store, &events_tables[EVENTS_GROUPS], &row->base, version, write);
    edited_tell(events->store, &events_tables[EVENTS_GROUPS], row->id, version + 1, ticket);
    rpc_after(call, ticket);
    return true;
}

HANDLER(put_group_image, Events__PutImageRequest, Google__Protobuf__Empty)
{
    struct picture picture;
    Game__GroupRow *row;
    uint64_t version;
    if (!group_begin(call, &row, &version, err) || !take_picture(call, &request->image, &picture, err))
        return false;
    AUTO_TURN struct pictures *turn = pictures_enter(call->service);
    if (!picture_keep(turn, &picture, err)) return false;
    if (show_in_group(call, &picture, &reply->base, err) && images_await(call, err)) return true;
    picture_drop(turn, &picture);
    return false;
}

static bool fill_file(struct rpc_call *call, const char *image_id, Events__File *reply, struct err *err)
{
    struct events *events = call->service;
    Game__ImageRow *row = NULL;
    uint64_t version;
    if (image_id[0] &&
        !store_get(events->store, images, image_id, call->arena, (ProtobufCMessage **)&row, &version, err))
        return false;
    if (!row) return err_fail(err, NOT_FOUND, "there is no image");
    const char *type = image_type(row->body.data, row->body.len);
    if (!type || strcmp(type, row->content_type) != 0)
        return err_fail(err, STORE_CORRUPT, "image %.64s is none", image_id);
    reply->content_type = row->content_type;
    reply->body = row->body;
    return true;
}

HANDLER(get_event_image, Events__GetImageRequest, Events__File)
{
    char id[65] = "";
    {
        AUTO_COMMAND struct command command = {.call = call};
        if (!command_begin(&command, err)) return false;
        if (command.game->image_type[0]) hex_encode(id, command.game->image, sizeof command.game->image);
    }
    return fill_file(call, id, reply, err);
}

HANDLER(get_group_image, Events__GetImageRequest, Events__File)
{
    Game__GroupRow *row;
    uint64_t version;
    return group_find(call, request->id, &row, &version, err) && fill_file(call, row->image_id, reply, err);
}

const struct rpc_method image_methods[] = {
    RPC_METHOD("events.PutEventImage", put_event_image),
    RPC_METHOD("events.GetEventImage", get_event_image),
    RPC_METHOD("events.PutGroupImage", put_group_image),
    RPC_METHOD("events.GetGroupImage", get_group_image),
    {0},
};
