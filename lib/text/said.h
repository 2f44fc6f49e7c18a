// What somebody says, in the form in which it is kept and shown. Pure; any thread.
#ifndef LIB_TEXT_SAID_H
#define LIB_TEXT_SAID_H

#include <stddef.h>

// NFC. Refused are control characters but line feeds, separators of lines and paragraphs, what changes the
// direction of the text around it (embeddings, overrides, isolates), what is no character, and a text in
// which nothing is drawn. NULL when it is in out, else why not, and out is empty. most: characters, after
// NFC.
const char *text_say(char *out, size_t size, size_t most, const char *text);

#endif
