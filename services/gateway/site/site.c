#include "services/gateway/site/site.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MOST = 4 << 20, FILES_MOST = 1024, NAME_SIZE = 1024 };

static const char shell_path[] = "/";

// Of pages alone: what their scripts and styles may do holds for the whole page.
static const char policy[] = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
                             "frame-ancestors 'none'";

struct site_file {
    const char *path; // in the index
    struct page page;
};

struct site {
    json_t *index;
    struct site_file *files; // by path
    size_t count;
};

static int by_path(const void *one, const void *two)
{
    return strcmp(((const struct site_file *)one)->path, ((const struct site_file *)two)->path);
}

// ---- Reading

static bool read_whole(FILE *stream, struct page_form *form)
{
    if (fseek(stream, 0, SEEK_END) != 0) return false;
    long len = ftell(stream);
    if (len < 0 || len > FILE_MOST) return errno = EFBIG, false;
    rewind(stream);
    form->len = (size_t)len;
    form->body = malloc(form->len + 1);
    if (!form->body) abort();
    return fread(form->body, 1, form->len, stream) == form->len;
}

static bool read_form(const char *name, struct page_form *form, bool must, struct err *err)
{
    FILE *stream = fopen(name, "rbe");
    if (!stream) return (!must && errno == ENOENT) || err_errno(err, errno, name);
    bool ok = read_whole(stream, form) || err_errno(err, errno, name);
    fclose(stream);
    return ok;
}

// The file, and what the build packed of it beside.
static bool read_forms(const char *folder, const char *name, struct page *page, struct err *err)
{
    char path[NAME_SIZE];
    int len = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (len < 0 || (size_t)len + sizeof ".br" > sizeof path)
        return err_fail(err, INVALID_FIELD, "%s: too long a path", folder);
    if (!read_form(path, &page->plain, true, err)) return false;
    strcpy(path + len, ".gz");
    if (!read_form(path, &page->gzipped, false, err)) return false;
    strcpy(path + len, ".br");
    return read_form(path, &page->brotli, false, err);
}

// ---- The index: {"<path>": {"file", "type", "immutable"?}}

static bool is_inside(const char *name) { return *name && *name != '/' && !strstr(name, ".."); }

static bool add_file(struct site *site, const char *folder, const char *path, const json_t *row,
                     struct err *err)
{
    const char *name = json_string_value(json_object_get(row, "file")),
               *type = json_string_value(json_object_get(row, "type"));
    if (!name || !type || !is_inside(name) || *path != '/')
        return err_fail(err, INVALID_FIELD, "%s/site.json: %s is no file of it", folder, path);
    struct site_file *file = &site->files[site->count++];
    *file = (struct site_file){.path = path, .page = {.type = type}};
    file->page.immutable = json_is_true(json_object_get(row, "immutable"));
    if (strncmp(type, "text/html", strlen("text/html")) == 0) file->page.policy = policy;
    if (!read_forms(folder, name, &file->page, err)) return false;
    page_tag(&file->page);
    return true;
}

static bool load_files(struct site *site, const char *folder, struct err *err)
{
    const char *path;
    json_t *row;
    size_t count = json_object_size(site->index);
    if (!json_is_object(json_object_get(site->index, shell_path)) || count > FILES_MOST)
        return err_fail(err, INVALID_FIELD, "%s/site.json has no page at /, or too many", folder);
    site->files = calloc(count, sizeof *site->files);
    if (!site->files) abort();
    json_object_foreach(site->index, path, row)
    {
        if (!add_file(site, folder, path, row, err)) return false;
    }
    qsort(site->files, site->count, sizeof *site->files, by_path);
    return true;
}

static bool load_index(struct site *site, const char *folder, struct err *err)
{
    char path[NAME_SIZE];
    json_error_t fault;
    if ((size_t)snprintf(path, sizeof path, "%s/site.json", folder) >= sizeof path)
        return err_fail(err, INVALID_FIELD, "%s: too long a path", folder);
    site->index = json_load_file(path, JSON_REJECT_DUPLICATES, &fault);
    return site->index || err_fail(err, INVALID_FIELD, "%s: %s", path, fault.text);
}

bool site_load(struct site **out, const char *folder, struct err *err)
{
    struct site *site = calloc(1, sizeof *site);
    if (!site) abort();
    if (!*folder || (load_index(site, folder, err) && load_files(site, folder, err)))
        return *out = site, true;
    site_free(site);
    return false;
}

void site_free(struct site *site)
{
    if (!site) return;
    for (size_t i = 0; i < site->count; i++) {
        free(site->files[i].page.plain.body);
        free(site->files[i].page.gzipped.body);
        free(site->files[i].page.brotli.body);
    }
    free(site->files);
    json_decref(site->index);
    free(site);
}

// ---- Finding

const struct page *site_find(const struct site *site, const char *path)
{
    const struct site_file wanted = {.path = path};
    if (site->count == 0) return NULL;
    const struct site_file *found = bsearch(&wanted, site->files, site->count, sizeof *site->files, by_path);
    return found ? &found->page : NULL;
}

const struct page *site_shell(const struct site *site) { return site_find(site, shell_path); }
