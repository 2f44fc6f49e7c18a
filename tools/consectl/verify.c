// consectl verify: checks a server's identity. consectl verify-deal: checks that the cards were dealt as
// promised.
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "lib/net/http.h"
#include "lib/base/ids.h"
#include "lib/base/stamp.h"
#include "lib/json/json.h"
#include "tools/consectl/consectl.h"
#include "tools/consectl/deal_check.h"
#include "tools/consectl/verify.h"

enum { TIMEOUT_MS = 15000, MAX_REPLY = 8 << 20 };

static bool verify_fetch(const char *url, struct buf *body, struct err *err)
{
    const struct http_request request = {
        .method = "GET", .url = url, .timeout_ms = TIMEOUT_MS, .max_reply_bytes = MAX_REPLY};
    struct http_reply reply;
    if (!http_do(&request, &reply, err)) return false;
    *body = reply.body;
    if (reply.status == 200) return true;
    buf_finish(body);
    if (reply.status == 404) return err_fail(err, NOT_FOUND, "%s: not found", url);
    return err_fail(err, SERVICE_AWAY, "%s: HTTP status %ld", url, reply.status);
}

static bool read_file(const char *path, struct buf *body, struct err *err)
{
    FILE *file = fopen(path, "rb");
    if (!file) return err_fail(err, NOT_FOUND, "%s: cannot be opened", path);
    char chunk[16384];
    buf_init(body, MAX_REPLY);
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, file)) > 0;) buf_append(body, chunk, n);
    bool ok = !ferror(file) && !body->failed;
    fclose(file);
    if (!ok) buf_finish(body);
    return ok || err_fail(err, MALFORMED, "%s: cannot be read, or too large", path);
}

static bool verify_parse(struct ctl *ctl, const struct buf *body, const ProtobufCMessageDescriptor *type,
                         ProtobufCMessage **message, struct err *err)
{
    *message = json_message_new(type, &ctl->arena);
    if (!*message) return err_fail(err, INTERNAL_ERROR, "out of memory");
    return json_parse(body->bytes, body->len, *message, NULL, &ctl->arena, err);
}

// The readable statement must be the signed one; otherwise a reader could be shown something that was not
// signed.
static bool is_packed(const ProtobufCMessage *statement, const ProtobufCBinaryData *bytes,
                      struct arena *arena)
{
    size_t len = protobuf_c_message_get_packed_size(statement);
    uint8_t *packed = arena_alloc(arena, len);
    if (!packed || len != bytes->len) return false;
    protobuf_c_message_pack(statement, packed);
    return memcmp(packed, bytes->data, len) == 0;
}

static bool is_signed(const char *prefix, const ProtobufCBinaryData *bytes,
                      const ProtobufCBinaryData *signature, const uint8_t *key, struct arena *arena)
{
    size_t before = strlen(prefix);
    uint8_t *text = arena_alloc(arena, before + bytes->len);
    if (!text || signature->len != crypto_sign_BYTES) return false;
    memcpy(text, prefix, before);
    if (bytes->len) memcpy(text + before, bytes->data, bytes->len);
    return crypto_sign_verify_detached(signature->data, text, before + bytes->len, key) == 0;
}

// A process runs a file that the server's statement has for its service, or the installation has two
// versions.
static bool is_expected(const Auth__Identity *identity, const Replica__Statement *process)
{
    char name[64];
    snprintf(name, sizeof name, "conse-%s", process->service);
    for (size_t i = 0; i < identity->statement->n_binaries; i++) {
        const Auth__Identity__Binary *binary = identity->statement->binaries[i];
        if (strcmp(binary->name, name) == 0) return strcmp(binary->sha256, process->sha256) == 0;
    }
    return false;
}

static bool check_process(struct ctl *ctl, const Auth__Identity *identity, size_t i, struct err *err)
{
    const Auth__Identity__Replica *replica = identity->replicas[i];
    const Replica__Statement *process = replica->statement;
    if (!process || !is_signed("conse/process/1", &replica->statement_bytes, &replica->signature,
                               identity->public_key.data, &ctl->arena))
        return err_fail(err, STORE_CORRUPT, "the signature of process %zu is wrong", i + 1);
    if (!is_packed(&process->base, &replica->statement_bytes, &ctl->arena))
        return err_fail(err, STORE_CORRUPT, "the statement shown of process %s is not the one signed",
                        process->id);
    return is_expected(identity, process) ||
           err_fail(err, STORE_CORRUPT, "process %s of %s runs another file: %s", process->id,
                    process->service, process->sha256);
}

static bool check_identity(struct ctl *ctl, const Auth__Identity *identity, const char *key, struct err *err)
{
    char hex[65] = "";
    if (identity->public_key.len != 32 || identity->signature.len != 64)
        return err_fail(err, MALFORMED, "the identity has no key or signature");
    hex_encode(hex, identity->public_key.data, 32);
    if (key && strcmp(key, hex) != 0)
        return err_fail(err, STORE_CORRUPT, "the server's key is %s, not %s", hex, key);
    if (!is_signed("", &identity->statement_bytes, &identity->signature, identity->public_key.data,
                   &ctl->arena))
        return err_fail(err, STORE_CORRUPT, "the signature is wrong");
    if (!identity->statement ||
        !is_packed(&identity->statement->base, &identity->statement_bytes, &ctl->arena))
        return err_fail(err, STORE_CORRUPT, "the statement shown is not the one signed");
    bool ok = true;
    for (size_t i = 0; ok && i < identity->n_replicas; i++) ok = check_process(ctl, identity, i, err);
    return ok;
}

static void print_process(const Replica__Statement *process)
{
    char started[STAMP_TEXT];
    stamp_print(started, stamp_ms(process->started_at));
    printf("process  %-7s  %s  since %s\n", process->service, process->id, started);
}

static void print_identity(const Auth__Identity *identity)
{
    char hex[65];
    hex_encode(hex, identity->public_key.data, 32);
    printf("signature good\nkey      %s\nversion  %s\ncommit   %s\n", hex, identity->statement->version,
           identity->statement->commit);
    for (size_t i = 0; i < identity->statement->n_binaries; i++)
        printf("%s  %s\n", identity->statement->binaries[i]->sha256, identity->statement->binaries[i]->name);
    for (size_t i = 0; i < identity->n_replicas; i++) print_process(identity->replicas[i]->statement);
}

bool verify_identity(struct ctl *ctl, const char *url, const char *key, const Auth__Identity **identity,
                     struct err *err)
{
    char place[1024];
    struct buf body;
    ProtobufCMessage *message;
    snprintf(place, sizeof place, "%s/.well-known/conse", url);
    if (!verify_fetch(place, &body, err)) return false;
    bool ok = verify_parse(ctl, &body, &auth__identity__descriptor, &message, err);
    buf_finish(&body);
    *identity = ok ? (const Auth__Identity *)message : NULL;
    return ok && check_identity(ctl, *identity, key, err);
}

static int verify_verify(struct ctl *ctl, int argc, char **argv)
{
    struct err err;
    const Auth__Identity *identity;
    if (!verify_identity(ctl, argv[0], argc > 1 ? argv[1] : NULL, &identity, &err))
        return ctl_fail(ctl, &err);
    if (ctl->json)
        ctl_print_json(&identity->base);
    else
        print_identity(identity);
    return STATUS_OK;
}

static bool load_deal(struct ctl *ctl, const char *source, struct buf *body, struct err *err)
{
    char url[1024];
    if (strncmp(source, "http://", 7) == 0 || strncmp(source, "https://", 8) == 0)
        return verify_fetch(source, body, err);
    if (!uuid_check(source)) return read_file(source, body, err);
    snprintf(url, sizeof url, "%s/events/%s/deal", ctl->url, source);
    return verify_fetch(url, body, err);
}

static bool has_beacon(const Events__Deal *deal)
{
    return deal->assurance == EVENTS__DEAL__ASSURANCE__BEACON;
}

static void print_deal(const struct ctl *ctl, const Events__Deal *deal, const char *node)
{
    if (ctl->json) {
        printf("{\"event_id\":\"%s\",\"k\":%d,\"verified\":true,\"beacon\":%s}\n", deal->event_id, deal->k,
               has_beacon(deal) && node ? "true" : "false");
        return;
    }
    printf("deal %d of event %s: %zu cards, all as promised\n", deal->k, deal->event_id,
           deal->opened->n_leaves);
    if (has_beacon(deal) && node)
        printf("the beacon is block %" PRIu64 " of the cluster\n", deal->beacon->block_slot);
    else if (has_beacon(deal))
        printf("not checked: whether the beacon is block %" PRIu64 " of the cluster. Name a NODE of it\n",
               deal->beacon->block_slot);
}

static int verify_deal(struct ctl *ctl, int argc, char **argv)
{
    const char *node = argc > 1 ? argv[1] : NULL;
    struct buf body;
    struct err err;
    ProtobufCMessage *message;
    if (!load_deal(ctl, argv[0], &body, &err)) return ctl_fail(ctl, &err);
    bool ok = verify_parse(ctl, &body, &events__deal_reply__descriptor, &message, &err) &&
              deal_check(((Events__DealReply *)message)->deal, &err);
    buf_finish(&body);
    if (!ok) return ctl_fail(ctl, &err);
    const Events__Deal *deal = ((Events__DealReply *)message)->deal;
    if (node && has_beacon(deal) && !deal_check_block(deal, node, &err)) return ctl_fail(ctl, &err);
    print_deal(ctl, deal, node);
    return STATUS_OK;
}

const struct ctl_command verify_commands[] = {
    {.name = "verify",
     .usage = "URL [KEY]",
     .help = "checks a server's signed identity",
     .more = "Prints its key, version, commit, the checksums of its programs and the processes that live, "
             "when all\n"
             "signatures are good and each process runs the program of that checksum; with KEY (64 hex "
             "digits, as printed\n"
             "the first time) the key must be that one. For example: consectl verify http://127.0.0.1:7438",
     .least = 1,
     .most = 2,
     .run = verify_verify},
    {.name = "verify-deal",
     .usage = "EVENT|URL|FILE [NODE]",
     .help = "recomputes a finished game's deal",
     .more = "EVENT is fetched from the gateway (--url); URL or FILE has the answer to GET "
             "/events/EVENT/deal. Everything is\n"
             "computed anew: commitments, shuffle, cards and proofs. The block of a deal with a beacon is "
             "looked up at NODE, the\n"
             "URL of a node of the cluster. docs/fairness.md says what that shows.",
     .least = 1,
     .most = 2,
     .run = verify_deal},
    {0},
};
