// consectl verify-release: whether a folder is a release that was signed, and whether a server runs it.
#include <dirent.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/ids.h"
#include "lib/base/program.h"
#include "tools/consectl/consectl.h"
#include "tools/consectl/verify.h"

enum { MAX_FILE = 1 << 20, HASH_TEXT = 64, NAME = 128, COMMIT = 41, DER = 44, DER_PREFIX = DER - 32 };

static const char SUMS[] = "SHA256SUMS", SIGNATURE[] = "SHA256SUMS.sig", SBOM[] = "sbom.json";

struct release {
    const char *folder;
    struct buf sums; // lines as of sha256sum
    json_t *sbom;
    size_t files;
    char commit[COMMIT];
};

static bool release_read(const char *path, struct buf *body, struct err *err)
{
    FILE *file = fopen(path, "rb");
    char chunk[4096];
    buf_init(body, MAX_FILE);
    if (!file) return err_fail(err, NOT_FOUND, "%s: cannot be opened", path);
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, file)) > 0;) buf_append(body, chunk, n);
    bool ok = !ferror(file) && !body->failed;
    fclose(file);
    return ok || err_fail(err, MALFORMED, "%s: cannot be read, or too large", path);
}

static bool read_part(const struct release *release, const char *name, struct buf *body, struct err *err)
{
    char path[PLACE];
    snprintf(path, sizeof path, "%s/%s", release->folder, name);
    return release_read(path, body, err);
}

// ---- The signature

// A public key of Ed25519 as openssl writes it: base64 of a DER whose first bytes are always the same.
static bool parse_key(const char *pem, uint8_t key[crypto_sign_PUBLICKEYBYTES])
{
    static const char BEGIN[] = "-----BEGIN PUBLIC KEY-----\n";
    static const uint8_t prefix[DER_PREFIX] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                               0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
    const char *begin = strstr(pem, BEGIN);
    uint8_t der[DER];
    size_t len = 0;
    if (!begin) return false;
    begin += sizeof BEGIN - 1;
    if (sodium_base642bin(der, sizeof der, begin, strcspn(begin, "\n"), NULL, &len, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        len != DER || memcmp(der, prefix, DER_PREFIX) != 0)
        return false;
    memcpy(key, der + DER_PREFIX, crypto_sign_PUBLICKEYBYTES);
    return true;
}

static bool is_signed_by(const struct release *release, const struct buf *pem, const struct buf *signature,
                         const char *path, struct err *err)
{
    uint8_t key[crypto_sign_PUBLICKEYBYTES];
    if (!parse_key(pem->bytes, key))
        return err_fail(err, MALFORMED, "%s: is not a public key of Ed25519 (openssl pkey -pubout)", path);
    bool good =
        signature->len == crypto_sign_BYTES &&
        crypto_sign_verify_detached((const uint8_t *)signature->bytes, (const uint8_t *)release->sums.bytes,
                                    release->sums.len, key) == 0;
    return good || err_fail(err, STORE_CORRUPT, "%s: the signature is wrong", SUMS);
}

static bool check_signature(const struct release *release, const char *path, struct err *err)
{
    struct buf pem, signature;
    if (!release_read(path, &pem, err)) return buf_finish(&pem), false;
    bool ok =
        read_part(release, SIGNATURE, &signature, err) && is_signed_by(release, &pem, &signature, path, err);
    buf_finish(&pem);
    buf_finish(&signature);
    return ok;
}

// ---- The files

struct sum {
    char hash[HASH_TEXT + 1], name[NAME];
};

// The next line; false behind the last one, and *err is filled when it is not one.
static bool next_sum(const char **at, struct sum *sum, bool *wrong)
{
    const char *line = *at, *end = strchr(line, '\n');
    *wrong = false;
    if (!*line) return false;
    size_t len = end ? (size_t)(end - line) : 0;
    *wrong = len <= HASH_TEXT + 2 || len >= HASH_TEXT + 2 + NAME || strncmp(line + HASH_TEXT, "  ", 2) != 0;
    if (*wrong) return false;
    snprintf(sum->hash, sizeof sum->hash, "%.*s", HASH_TEXT, line);
    snprintf(sum->name, sizeof sum->name, "%.*s", (int)(len - HASH_TEXT - 2), line + HASH_TEXT + 2);
    *wrong =
        *sum->name == '.' || strchr(sum->name, '/') || strspn(sum->hash, "0123456789abcdef") != HASH_TEXT;
    *at = end + 1;
    return !*wrong;
}

static bool find_sum(const struct release *release, const char *name, struct sum *sum)
{
    const char *at = release->sums.bytes;
    for (bool wrong; next_sum(&at, sum, &wrong);)
        if (strcmp(sum->name, name) == 0) return true;
    return false;
}

static bool check_file(const struct release *release, const struct sum *sum, struct err *err)
{
    char path[PLACE], hash[PROGRAM_HASH];
    snprintf(path, sizeof path, "%s/%s", release->folder, sum->name);
    if (!program_hash(path, hash, err)) return false;
    return strcmp(hash, sum->hash) == 0 ||
           err_fail(err, STORE_CORRUPT, "%s: is not the file that was signed", sum->name);
}

static bool check_sums(struct release *release, struct err *err)
{
    const char *at = release->sums.bytes;
    struct sum sum;
    bool wrong;
    for (; next_sum(&at, &sum, &wrong); release->files++)
        if (!check_file(release, &sum, err)) return false;
    return (!wrong && release->files) || err_fail(err, MALFORMED, "%s: has a line that is none", SUMS);
}

static bool is_listed(const struct release *release, const char *name)
{
    struct sum sum;
    return *name == '.' || strcmp(name, SUMS) == 0 || strcmp(name, SIGNATURE) == 0 ||
           find_sum(release, name, &sum);
}

static bool check_folder(const struct release *release, struct err *err)
{
    DIR *folder = opendir(release->folder);
    bool ok = true;
    if (!folder) return err_fail(err, NOT_FOUND, "%s: cannot be opened", release->folder);
    for (struct dirent *entry; ok && (entry = readdir(folder));)
        ok = is_listed(release, entry->d_name) ||
             err_fail(err, STORE_CORRUPT, "%s: is in no line of %s", entry->d_name, SUMS);
    closedir(folder);
    return ok;
}

// ---- What it is made of

static bool check_component(const struct release *release, const json_t *component, struct err *err)
{
    const char *type = "", *name = "", *hash = "";
    struct sum sum;
    json_unpack((json_t *)component, "{s:s, s:s, s?[{s:s}]}", "type", &type, "name", &name, "hashes",
                "content", &hash);
    if (strcmp(type, "application") != 0) return true;
    return (find_sum(release, name, &sum) && strcmp(sum.hash, hash) == 0) ||
           err_fail(err, STORE_CORRUPT, "%s: has another %s than the one here", SBOM, name);
}

static bool has_component(const json_t *components, const char *name)
{
    size_t i;
    json_t *component;
    json_array_foreach(components, i, component)
    {
        const char *its = json_string_value(json_object_get(component, "name"));
        if (its && strcmp(its, name) == 0) return true;
    }
    return false;
}

static bool check_components(struct release *release, const json_t *components, struct err *err)
{
    const char *at = release->sums.bytes;
    struct sum sum;
    size_t i;
    json_t *component;
    json_array_foreach(components, i, component) if (!check_component(release, component, err)) return false;
    for (bool wrong; next_sum(&at, &sum, &wrong);)
        if (strcmp(sum.name, SBOM) != 0 && !has_component(components, sum.name))
            return err_fail(err, STORE_CORRUPT, "%s: does not have %s", SBOM, sum.name);
    return true;
}

static bool check_sbom(struct release *release, struct err *err)
{
    struct buf text;
    const char *name = "", *commit = "";
    json_t *components = NULL;
    bool ok = read_part(release, SBOM, &text, err);
    if (ok) release->sbom = json_loadb(text.bytes, text.len, JSON_REJECT_DUPLICATES, NULL);
    buf_finish(&text);
    if (!ok) return false;
    if (json_unpack(release->sbom, "{s:{s:{s:[{s:s, s:s}]}}, s:o}", "metadata", "component", "properties",
                    "name", &name, "value", &commit, "components", &components) != 0 ||
        strcmp(name, "conse:commit") != 0 || strlen(commit) != COMMIT - 1)
        return err_fail(err, MALFORMED, "%s: is not one of a release", SBOM);
    strcpy(release->commit, commit);
    return check_components(release, components, err);
}

// ---- Who runs it

static bool check_running(const struct release *release, const Auth__Identity *identity, struct err *err)
{
    struct sum sum;
    if (strcmp(identity->statement->commit, release->commit) != 0)
        return err_fail(err, STORE_CORRUPT, "the server runs commit %s", identity->statement->commit);
    for (size_t i = 0; i < identity->statement->n_binaries; i++) {
        const Auth__Identity__Binary *binary = identity->statement->binaries[i];
        if (!find_sum(release, binary->name, &sum) || strcmp(sum.hash, binary->sha256) != 0)
            return err_fail(err, STORE_CORRUPT, "the server's %s is not the one of the release",
                            binary->name);
    }
    return true;
}

static bool release_check(struct ctl *ctl, struct release *release, int argc, char **argv, struct err *err)
{
    const Auth__Identity *identity;
    return read_part(release, SUMS, &release->sums, err) && check_signature(release, argv[1], err) &&
           check_sums(release, err) && check_folder(release, err) && check_sbom(release, err) &&
           (argc < 3 ||
            (verify_identity(ctl, argv[2], NULL, &identity, err) && check_running(release, identity, err)));
}

static int release_verify(struct ctl *ctl, int argc, char **argv)
{
    struct release release = {.folder = argv[0]};
    struct err err;
    bool ok = release_check(ctl, &release, argc, argv, &err);
    buf_finish(&release.sums);
    json_decref(release.sbom);
    if (!ok) return ctl_fail(ctl, &err);
    if (ctl->json)
        printf("{\"commit\":\"%s\",\"files\":%zu,\"runs\":%s}\n", release.commit, release.files,
               argc > 2 ? "true" : "false");
    else
        printf("signature good\ncommit   %s\nfiles    %zu, as they were signed\n%s", release.commit,
               release.files, argc > 2 ? "the server runs it\n" : "");
    return STATUS_OK;
}

const struct ctl_command release_commands[] = {
    {.name = "verify-release",
     .usage = "FOLDER KEY [URL]",
     .help = "checks a signed release, and that it runs",
     .more = "FOLDER is what make release made; KEY a file with the public key, as openssl pkey -pubout "
             "writes it. The signature\n"
             "must be of that key, each file the one that was signed, and sbom.json about these programs. "
             "With URL, a server must run\n"
             "the release's commit and programs.",
     .least = 2,
     .most = 3,
     .run = release_verify},
    {0},
};
