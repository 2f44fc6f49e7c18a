// consectl audit: what operators did, whether its chain holds, and carrying it elsewhere.
#include "tools/consectl/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bus.pb-c.h"
#include "lib/audit/record.h"
#include "lib/base/buf.h"
#include "lib/base/ids.h"
#include "lib/base/stamp.h"
#include "lib/json/json.h"

enum { PAGE = 500, LOOK_US = 1000000, MOST_TEXT = 1 << 20 };

const char *const audit_keepers[AUDIT_KEEPERS] = {"auth", "events", "chain"};

int audit_keeper(const char *service)
{
    for (int i = 0; i < AUDIT_KEEPERS; i++)
        if (strcmp(audit_keepers[i], service) == 0) return i;
    return -1;
}

// ---- Walking

// The page before is gone by then.
static bool read_page(struct ctl *ctl, const char *service, uint64_t from, const Bus__ReadReply **reply,
                      struct err *err)
{
    char stream[32], method[32];
    Bus__ReadRequest request = BUS__READ_REQUEST__INIT;
    ProtobufCMessage *message;
    snprintf(stream, sizeof stream, "%s.audit", service);
    snprintf(method, sizeof method, "%s.feed.Read", service);
    request.stream = stream;
    request.from = from;
    request.limit = PAGE;
    arena_reset(&ctl->arena);
    if (!ctl_ask(ctl, method, &request.base, &message, err)) return false;
    *reply = (const Bus__ReadReply *)message;
    return true;
}

static bool follow_notice(struct ctl *ctl, const Bus__Notice *notice, struct hash_chain *chain,
                          struct audit_item *item, struct err *err)
{
    Audit__Record *record;
    Audit__Entry *entry;
    if (notice->seq != chain->seq + 1)
        return err_fail(err, STORE_CORRUPT, "entry %" PRIu64 " is missing", chain->seq + 1);
    if (!audit_record_read(notice->payload, notice->seq, &ctl->arena, &record, &entry, err) ||
        !audit_record_follow(chain, record, err))
        return false;
    item->number = notice->seq;
    item->record = record;
    item->entry = entry;
    return true;
}

// What was there, and is no more.
static bool check_length(const struct hash_chain *chain, const Bus__ReadReply *reply, struct err *err)
{
    return chain->seq <= reply->head ||
           err_fail(err, STORE_CORRUPT, "it ends with entry %" PRIu64 ", where there were %" PRIu64,
                    reply->head, chain->seq);
}

bool audit_walk(struct ctl *ctl, const char *service, struct hash_chain *chain, audit_visit *visit, void *arg,
                struct err *err)
{
    struct audit_item item = {.service = service};
    const Bus__ReadReply *reply;
    do {
        if (!read_page(ctl, service, chain->seq + 1, &reply, err)) return false;
        if (!check_length(chain, reply, err)) return err_wrap(err, service);
        for (size_t i = 0; i < reply->n_notices; i++) {
            if (!follow_notice(ctl, reply->notices[i], chain, &item, err)) return err_wrap(err, service);
            if (visit && !visit(arg, &item, err)) return false;
        }
    } while (reply->n_notices);
    return true;
}

// ---- The list

static const char *way_name(const Audit__Actor *actor)
{
    const ProtobufCEnumValue *way =
        actor ? protobuf_c_enum_descriptor_get_value(&audit__audit_way__value__descriptor, (int)actor->way)
              : NULL;
    return way ? way->name : "-";
}

void audit_export_line(const struct audit_item *item, Audit__Exported *line)
{
    audit__exported__init(line);
    line->service = item->service;
    line->number = item->number;
    line->entry = (Audit__Entry *)item->entry;
    line->packed = item->record->entry;
    line->salt = item->record->salt;
    line->hash = item->record->hash;
}

static bool print_item(void *arg, const struct audit_item *item, struct err *err)
{
    const struct ctl *ctl = arg;
    const Audit__Entry *entry = item->entry;
    char time[STAMP_TEXT];
    Audit__Exported line;
    audit_export_line(item, &line);
    if (ctl->json) return ctl_print_json(&line.base), true;
    stamp_print(time, stamp_ms(entry->time));
    printf("%6" PRIu64 "  %s  %-6s %-18s %s  by %s %s\n", item->number, time, entry->service,
           audit_kind_name(entry->kind), *entry->target ? entry->target : "-", way_name(entry->actor),
           entry->actor ? entry->actor->user_id : "");
    return !ferror(stdout) || err_errno(err, EIO, "stdout");
}

// auth's has what the others tell it.
static int audit_list_one(struct ctl *ctl, int argc, char **argv)
{
    struct hash_chain chain = {0};
    struct err err;
    const char *service = argc ? argv[0] : "auth";
    if (audit_keeper(service) < 0) return ctl_usage("audit list", "auth, events and chain keep an audit");
    return audit_walk(ctl, service, &chain, print_item, ctl, &err) ? STATUS_OK : ctl_fail(ctl, &err);
}

// ---- Checking

// Passes the entry that the file has last.
struct passing {
    const struct hash_chain *last;
    bool met;
};

static bool pass_item(void *arg, const struct audit_item *item, struct err *err)
{
    struct passing *passing = arg;
    (void)err;
    if (item->number == passing->last->seq)
        passing->met = memcmp(item->record->hash.data, passing->last->head, HASH_CHAIN_HASH) == 0;
    return true;
}

static bool verify_one(struct ctl *ctl, const char *service, const struct hash_chain *exported,
                       struct err *err)
{
    struct hash_chain chain = {0};
    struct passing passing = {exported, exported->seq == 0};
    char head[2 * HASH_CHAIN_HASH + 1];
    if (!audit_walk(ctl, service, &chain, pass_item, &passing, err)) return false;
    if (!passing.met)
        return err_fail(err, STORE_CORRUPT,
                        "%s: entry %" PRIu64 " is not the one that was exported, or one before it", service,
                        exported->seq);
    hex_encode(head, chain.head, sizeof chain.head);
    if (ctl->json)
        printf("{\"service\":\"%s\",\"entries\":\"%" PRIu64 "\",\"head\":\"%s\"}\n", service, chain.seq,
               head);
    else
        printf("%s: %" PRIu64 " entries, the chain holds, its head is %s\n", service, chain.seq, head);
    return true;
}

static int audit_verify(struct ctl *ctl, int argc, char **argv)
{
    struct audit_file file = {.whole = 0};
    struct err err;
    if (argc && access(argv[0], F_OK) != 0)
        return err_fail(&err, NOT_FOUND, "there is no file %.200s", argv[0]), ctl_fail(ctl, &err);
    if (argc && !audit_file_read(argv[0], &file, &err)) return ctl_fail(ctl, &err);
    for (int i = 0; i < AUDIT_KEEPERS; i++)
        if (!verify_one(ctl, audit_keepers[i], &file.chains[i], &err)) return ctl_fail(ctl, &err);
    return STATUS_OK;
}

// ---- Exporting

static bool write_all(int fd, const char *bytes, size_t len, struct err *err)
{
    for (size_t at = 0; at < len;) {
        ssize_t n = write(fd, bytes + at, len - at);
        if (n < 0 && errno != EINTR) return err_errno(err, errno, "the file");
        if (n > 0) at += (size_t)n;
    }
    return true;
}

static bool export_item(void *arg, const struct audit_item *item, struct err *err)
{
    const int *fd = arg;
    struct buf text;
    Audit__Exported line;
    audit_export_line(item, &line);
    buf_init(&text, MOST_TEXT);
    json_write(&text, &line.base, NULL);
    buf_char(&text, '\n');
    bool ok = !text.failed ? write_all(*fd, text.bytes, text.len, err)
                           : err_fail(err, INTERNAL_ERROR, "out of memory");
    buf_finish(&text);
    return ok;
}

static bool export_new(struct ctl *ctl, struct audit_file *file, int fd, struct err *err)
{
    for (int i = 0; i < AUDIT_KEEPERS; i++)
        if (!audit_walk(ctl, audit_keepers[i], &file->chains[i], export_item, &fd, err)) return false;
    return fdatasync(fd) == 0 || errno == EINVAL || errno == EROFS || err_errno(err, errno, "the file");
}

// A last line that is not whole is of an export that was killed: it is written anew.
static bool export_open(const char *path, struct audit_file *file, int *fd, struct err *err)
{
    if (strcmp(path, "-") == 0) return *fd = STDOUT_FILENO, true;
    if (!audit_file_read(path, file, err)) return false;
    *fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (*fd < 0) return err_errno(err, errno, path);
    return ftruncate(*fd, file->whole) == 0 || err_errno(err, errno, path);
}

static int audit_export(struct ctl *ctl, int argc, char **argv)
{
    struct audit_file file = {.whole = 0};
    struct err err;
    int fd = -1;
    (void)argc;
    bool ok = export_open(argv[0], &file, &fd, &err) && export_new(ctl, &file, fd, &err);
    while (ok && ctl->option) {
        usleep(LOOK_US);
        ok = export_new(ctl, &file, fd, &err) || err_is(&err, SERVICE_AWAY);
    }
    if (fd > STDOUT_FILENO) close(fd);
    return ok ? STATUS_OK : ctl_fail(ctl, &err);
}

const struct ctl_command audit_commands[] = {
    {.name = "audit list",
     .usage = "[SERVICE]",
     .help = "prints what operators did, oldest first",
     .more = "One line per entry: number, time, service, kind, what it was done to, and by whom in which "
             "way; with --json\n"
             "what is exported. auth's has what events and chain did too; with SERVICE, what that one keeps. "
             "Exit status 1\n"
             "when an entry does not follow from those before.",
     .least = 0,
     .most = 1,
     .run = audit_list_one},
    {.name = "audit verify",
     .usage = "[FILE]",
     .help = "checks the chains of the audit",
     .more = "With FILE, which audit export has written, also that FILE is whole, and that what it has is "
             "still there. Exit\n"
             "status 1 when an entry was changed, taken out or put in.",
     .least = 0,
     .most = 1,
     .run = audit_verify},
    {.name = "audit export",
     .usage = "FILE [--follow]",
     .help = "adds what is new in the audit to a file",
     .more =
         "A JSON line per entry, behind those that FILE has, which say where to go on; - prints all. "
         "Every line has what\n"
         "its hash is made of. Exit status 1, and nothing is added, when what is new does not follow from "
         "what FILE has.\n"
         "With --follow it looks every second until it is ended.",
     .option = "--follow",
     .least = 1,
     .most = 1,
     .run = audit_export},
    {0},
};
