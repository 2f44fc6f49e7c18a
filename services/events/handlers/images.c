// Cover images of events and groups. The bytes lie under their hash; who shows them names the hash.
#include <sodium.h>
#include <string.h>

#include "services/events/handlers/handlers.h"
#include "services/events/handlers/image.h"
#include "services/events/handlers/owned.h"
#include "services/events/tables.h"

static const struct store_table *const images = &events_tables[EVENTS_IMAGES];

struct picture {
    uint8_t sha256[32];
    char id[65];
    const char *type;
};

// Without what does not show.
static bool strip(struct rpc_call *call, const ProtobufCBinaryData *bytes, struct image *image,
                  struct err *err)
{
    *image = (struct image){.bytes = arena_alloc(call->arena, bytes->len + 1)};
    if (!image->bytes)
        return err_fail(err, CALL_TOO_LARGE, "the image needs more memory than a call may use");
    if (!image_strip(image, bytes->data, bytes->len))
        return err_fail(err, NOT_AN_IMAGE, "the bytes are not a whole PNG, JPEG or WebP image");
    return image_fits(image) || err_fail(err, IMAGE_DIMENSIONS, "an image of %u x %u pixels is too large",
                                         image->width, image->height);
}

static bool keep_picture(struct rpc_call *call, const ProtobufCBinaryData *bytes, struct picture *picture,
                         struct err *err)
{
    struct events *events = call->service;
    ProtobufCMessage *known;
    uint64_t version;
    struct image image;
    if (!strip(call, bytes, &image, err)) return false;
    picture->type = image.type;
    crypto_hash_sha256(picture->sha256, image.bytes, image.len);
    hex_encode(picture->id, picture->sha256, sizeof picture->sha256);
    if (!store_get(events->store, images, picture->id, call->arena, &known, &version, err)) return false;
    if (known) return true;
    Game__ImageRow row = GAME__IMAGE_ROW__INIT;
    row.id = picture->id;
    row.content_type = picture->type;
    row.body = (ProtobufCBinaryData){image.len, image.bytes};
    uint64_t ticket = store_put(events->store, images, &row.base, 0, &(struct store_write){0});
    // Somebody else may have put the same bytes meanwhile; that is as good.
    return store_wait(events->store, ticket, err) || err_is(err, CONFLICT);
}

HANDLER(put_event_image, Events__PutImageRequest, Google__Protobuf__Empty)
{
    struct picture picture;
    {
        AUTO_COMMAND struct command command = {.call = call};
        if (!command_begin(&command, err)) return false;
        if (game_over(command.game))
            return err_fail(err, EVENT_OVER, "the event is %s", state_name(command.game->state));
    }
    if (!keep_picture(call, &request->image, &picture, err)) return false;
    AUTO_COMMAND struct command command = {.call = call};
    return command_begin(&command, err) &&
           rules_image(command.game, &command.entries, picture.sha256, picture.type, err) &&
           command_commit(&command, &reply->base, err);
}

HANDLER(put_group_image, Events__PutImageRequest, Google__Protobuf__Empty)
{
    struct events *events = call->service;
    struct picture picture;
    Game__GroupRow *row;
    uint64_t version;
    if (!group_begin(call, &row, &version, err)) return false;
    if (!keep_picture(call, &request->image, &picture, err)) return false;
    row->image_id = picture.id;
    row->group->image_url = arena_printf(call->arena, "/groups/%s/image", row->id);
    const struct store_write *write = rpc_seal(call, &reply->base, NULL, NULL);
    if (call->arena->failed) return filled(NULL, err); // what is refused must not be written
    rpc_after(call, store_put(events->store, &events_tables[EVENTS_GROUPS], &row->base, version, write));
    return true;
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
