#ifndef SBFLD_ELF_H
#define SBFLD_ELF_H

// The file for loaders: ELF64, ET_DYN, machine 247, the version of SBPF in e_flags. The README describes both
// layouts.

#include "tools/sbfld/bytes.h"
#include "tools/sbfld/fault.h"
#include "tools/sbfld/image.h"

// Writes the open system calls into the image's text. The caller finishes the buffer.
bool elf_write(struct image *, const char *entry, struct buffer *file, struct fault *);

#endif
