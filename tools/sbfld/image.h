#ifndef SBFLD_IMAGE_H
#define SBFLD_IMAGE_H

// A program laid out in the virtual machine's memory, every address final. Only the system calls are open;
// each version of SBPF writes them in its own way.

#include <stddef.h>
#include <stdint.h>

#define VM_PROGRAM_START (UINT64_C(1) << 32) // v0: the whole file; v3: .text

enum sbpf_version { SBPF_V0 = 0, SBPF_V3 = 3 };

enum {
    INSN_BYTES = 8,
    INSN_LDDW = 0x18, // two slots
    INSN_CALL = 0x85,
    INSN_CALLX = 0x8d,
    V3_RODATA_PAD = 16, // so that no object has the address 0
};

struct image_syscall {
    uint64_t offset; // of the call in .text
    const char *name;
};

struct image {
    enum sbpf_version version;
    uint8_t *text, *rodata;
    uint64_t text_size, rodata_size;
    uint64_t text_address, rodata_address;
    uint64_t entry_offset; // in .text
    struct image_syscall *syscalls;
    size_t syscall_count;
};

uint64_t image_headers_size(enum sbpf_version,
                            uint64_t rodata_size); // bytes of the file before the first section
void image_finish(struct image *);

#endif
