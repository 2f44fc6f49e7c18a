// What people wrote, for a place that reads Markdown, as Discord does. Pure.
#ifndef LIB_TEXT_MARKDOWN_H
#define LIB_TEXT_MARKDOWN_H

#include "lib/base/buf.h"

// Appends it as one line, in which nothing is a link, a mention or markup.
void markdown_plain(struct buf *out, const char *text);

#endif
