// The console: the files of the folder that CONSE_CONSOLE names, kept in memory. A path is looked for
// by its text among those that the folder's site.json lists, so a request names no file. Read once at start,
// then constant; any thread.
#ifndef GATEWAY_SITE_SITE_H
#define GATEWAY_SITE_SITE_H

#include "lib/base/err.h"
#include "services/gateway/api/pages.h"

struct site;

// "" stands for a site without files. INVALID_FIELD for a folder that is not as the build makes it.
MUST_CHECK bool site_load(struct site **site, const char *folder, struct err *err);
void site_free(struct site *site); // NULL is fine

const struct page *site_find(const struct site *site, const char *path); // NULL: there is none
const struct page *site_shell(const struct site *site); // the page at all paths of the console; or NULL

#endif
