// Dumps sealed to an operator's public key (CONSE_BACKUP_TO), which only the holder of the secret one
// (CONSE_BACKUP_KEY_FILE) opens. The bytes: "conse-sealed/1\n", the stream's key by crypto_box_seal, the
// header of crypto_secretstream_xchacha20poly1305, then chunks, each a u32 little-endian length and so many
// bytes of ciphertext; the last one has TAG_FINAL, so that a cut is noticed.
#ifndef CONSECTL_SEALED_H
#define CONSECTL_SEALED_H

#include <stdio.h>

#include "lib/base/err.h"

enum { SEALED_KEY_TEXT = 65 }; // in hex

// Makes a pair: the secret key in a new file, the public one as text.
MUST_CHECK bool sealed_make(const char *path, char public_key[SEALED_KEY_TEXT], struct err *err);
// A stream that seals what is written to it into `out`; its fclose writes the end and fails when not all was
// written. Without CONSE_BACKUP_TO it is `out`. `out` stays the caller's.
MUST_CHECK bool sealed_begin(FILE **sealed, FILE *out, struct err *err);
// A stream that reads what was sealed; `in` itself when it is not. `in` stays the caller's.
MUST_CHECK bool sealed_open(FILE **opened, FILE *in, struct err *err);
// Seals a file in its place, when CONSE_BACKUP_TO is set; nothing of it is left unsealed.
MUST_CHECK bool sealed_file(const char *path, struct err *err);

#endif
