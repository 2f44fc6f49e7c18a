// consectl dump, restore, backup: a service's whole data, as JSON lines between backends or as a copy of its
// file.
#include "tools/consectl/content.h"

#include <stdio.h>

#include "tools/consectl/sealed.h"

static int content_backup_key(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    char public_key[SEALED_KEY_TEXT];
    struct err err;
    if (!sealed_make(argv[0], public_key, &err)) return ctl_fail(ctl, &err);
    printf(ctl->json ? "{\"public_key\":\"%s\"}\n" : "CONSE_BACKUP_TO=%s\n", public_key);
    return STATUS_OK;
}

static int content_backup(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    char url[PLACE];
    struct err err;
    if (!office_find(argv[0])) return ctl_usage("backup", "the services are auth, events, chain and ai");
    if (!place_store(ctl, url, argv[0], &err) || !place_has_store(ctl, argv[0], &err) ||
        !store_backup(url, argv[1], office_find(argv[0])->passing, &err))
        return ctl_fail(ctl, &err);
    if (ctl->json)
        printf("{\"service\":\"%s\",\"file\":\"%s\"}\n", argv[0], argv[1]);
    else
        printf("%s backed up to %s\n", argv[0], argv[1]);
    return STATUS_OK;
}

const struct ctl_command content_commands[] = {
    {.name = "dump",
     .usage = "auth|events|chain [FILE]",
     .help = "writes everything a service stores",
     .more =
         "Writes a first line of JSON about the dump, one per row or entry, and one with counts and a hash, "
         "to FILE, which\n"
         "must not exist and is made for its owner alone, or to standard output. It contains secrets: with "
         "CONSE_BACKUP_TO, a\n"
         "public key of consectl backup-key, it is sealed. Sessions are left out. A service on its own file "
         "must "
         "not be running:\n"
         "exit status 4 says that it is; consectl backup works then too. Of a shared store a running service "
         "is "
         "dumped as well:\n"
         "first the places that its followers have reached, then the streams as far as they were at one "
         "moment. "
         "Dump events\n"
         "before auth, because events follows auth.",
     .least = 1,
     .most = 2,
     .run = content_dump},
    {.name = "restore --verify",
     .usage = "DIR",
     .help = "checks a backup of all services, restores nothing",
     .more = "DIR is of consectl backup all. Its manifest and each file have to be as they were made: exit "
             "status 1, and what\n"
             "is missing, cut off or changed, when they are not. consectl drill finds more.",
     .least = 1,
     .most = 1,
     .run = content_restore_verify},
    {.name = "restore all",
     .usage = "DIR",
     .help = "puts a backup of all services back",
     .more = "DIR is of consectl backup all. It is checked first. No service may be running, and none may "
             "have a store: what is\n"
             "there stays, and ends the command. Put the folder keys/ of the data folder back as well. "
             "Sealed files are opened with\n"
             "CONSE_BACKUP_KEY_FILE. Everybody has to log in again.",
     .least = 1,
     .most = 1,
     .run = content_restore_all},
    {.name = "restore",
     .usage = "auth|events|chain [FILE] [--headerless]",
     .help = "fills an empty store from a dump",
     .more = "Reads what dump wrote, from FILE or standard input, and restores all of it or nothing: a dump "
             "that is empty, cut or\n"
             "changed is refused. The service must not be running, the store must be empty, and the folder "
             "must exist. Keys are\n"
             "not part of a dump, unless they are kept as rows: copy the folder keys/ of the data folder as "
             "well. A sealed "
             "dump is\n"
             "opened with CONSE_BACKUP_KEY_FILE. Everybody has to log in again. With " CONTENT_HEADERLESS
             " it takes a dump of an\n"
             "earlier version, without first and last line; its completeness can't be checked then.",
     .option = CONTENT_HEADERLESS,
     .least = 1,
     .most = 2,
     .run = content_restore},
    {.name = "backup all",
     .usage = "DIR",
     .help = "copies all services' stores as of one moment, also while they run",
     .more =
         "DIR must not exist; it is made for its owner alone, and is there whole or not at all: a file of "
         "each service, and\n"
         "manifest.json with the moment, the version, and of each file length, SHA-256 and how much is in "
         "it. Writes wait for\n"
         "some milliseconds, so that no service is ahead of another. Of shared stores there are dumps, "
         "one after the other:\n"
         "each is of a moment of its own. Sessions are left out. With CONSE_BACKUP_TO files are sealed, as "
         "consectl dump does.\n"
         "Copy the folder keys/ of the data folder as well, to another place.",
     .least = 1,
     .most = 1,
     .run = content_backup_all},
    {.name = "backup",
     .usage = "auth|events|chain FILE",
     .help = "copies a service's store, also while it runs",
     .more = "FILE is a SQLite database as of one moment; it must not exist. To go back to it, stop the "
             "service and put FILE in\n"
             "the place of auth.db or events.db. Copy the folder keys/ of the data folder as well.",
     .least = 2,
     .most = 2,
     .run = content_backup},
    {.name = "redactions",
     .usage = "SERVICE",
     .help = "lists what was erased, for backups of before",
     .more = "Prints a line of JSON for each text that was erased for good. Keep the newest list beside the "
             "dumps and copies of\n"
             "before: who goes back to one of them erases again with consectl redact. The service must not "
             "be running.",
     .least = 1,
     .most = 1,
     .run = content_redactions},
    {.name = "redact",
     .usage = "SERVICE FILE",
     .help = "erases again what a restored store has of it",
     .more = "FILE is what consectl redactions printed. Run it after a restore, or on a copy in its place, "
             "before the service starts.\n"
             "What is erased already, or not there, stays as it is.",
     .least = 2,
     .most = 2,
     .run = content_redact},
    {.name = "backup-key",
     .usage = "FILE",
     .help = "makes a pair of keys for sealed dumps",
     .more = "Writes the secret key to FILE, which must not exist and is made for its owner alone, and "
             "prints the "
             "public one. Keep\n"
             "FILE away from the servers: it opens every dump that was sealed to it.",
     .least = 1,
     .most = 1,
     .run = content_backup_key},
    {0},
};
