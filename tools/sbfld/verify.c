#include "tools/sbfld/verify.h"

#include <stdlib.h>

#include "tools/sbfld/bytes.h"

enum { CLASS_LD, CLASS_LDX, CLASS_ST, CLASS_STX, CLASS_ALU32, CLASS_JMP, CLASS_JMP32, CLASS_ALU64 };
enum { OP_EXIT = 0x95, OP_LE = 0xd4, OP_BE = 0xdc, OP_BSWAP = 0xd7 };
enum {
    OP_DIV64_IMM = 0x37,
    OP_MOD64_IMM = 0x97,
    OP_LSH64_IMM = 0x67,
    OP_RSH64_IMM = 0x77,
    OP_ARSH64_IMM = 0xc7
};
enum { MODE_MASK = 0xe0, MODE_MEM = 0x60, FRAME_POINTER = 10 };

struct insn {
    uint8_t opcode, dst, src;
    int16_t offset;
    int32_t immediate;
};

struct text {
    const uint8_t *bytes;
    int64_t count;         // slots
    uint8_t *is_wide_tail; // second slot of a lddw: no jump may land there
};

static struct insn verify_decode(const uint8_t *at)
{
    return (struct insn){.opcode = at[0],
                         .dst = at[1] & 0x0f,
                         .src = at[1] >> 4,
                         .offset = (int16_t)(at[2] | at[3] << 8),
                         .immediate = (int32_t)bytes_get_u32(at + 4)};
}

static bool is_target(const struct text *text, int64_t slot)
{
    return slot >= 0 && slot < text->count && !text->is_wide_tail[slot];
}

static const char *check_alu64(const struct insn *i)
{
    bool is_shift = i->opcode == OP_LSH64_IMM || i->opcode == OP_RSH64_IMM || i->opcode == OP_ARSH64_IMM;
    if (i->opcode == OP_BSWAP) return "bswap (use -mcpu=v2)";
    if (i->offset != 0)
        return "signed division or sign-extending move, which the machine takes for another (use -mcpu=v2)";
    if ((i->opcode == OP_DIV64_IMM || i->opcode == OP_MOD64_IMM) && i->immediate == 0)
        return "division by the constant 0";
    if (is_shift && (i->immediate < 0 || i->immediate > 63)) return "shift out of range";
    return NULL;
}

static const char *check_jump(const struct text *text, const struct insn *i, int64_t slot)
{
    if (i->opcode == OP_EXIT) return NULL;
    if (i->opcode == INSN_CALLX) {
        uint32_t reg = i->dst ? i->dst : (uint32_t)i->immediate;
        return reg > 9 ? "call through a register that is none" : NULL;
    }
    if (i->opcode != INSN_CALL)
        return is_target(text, slot + 1 + i->offset) ? NULL : "jump out of the program";
    if (i->src == 1) return is_target(text, slot + 1 + i->immediate) ? NULL : "call out of the program";
    return i->src == 0 && i->immediate == -1 ? NULL : "call of a kernel helper";
}

static const char *check_class(const struct text *text, const struct insn *i, int64_t slot)
{
    switch (i->opcode & 7) {
    case CLASS_LD:
        return i->opcode == INSN_LDDW ? NULL : "legacy packet load";
    case CLASS_LDX:
        return (i->opcode & MODE_MASK) == MODE_MEM ? NULL : "sign-extending load (use -mcpu=v2)";
    case CLASS_ST:
    case CLASS_STX:
        return (i->opcode & MODE_MASK) == MODE_MEM ? NULL : "atomic operation";
    case CLASS_ALU32:
        if (i->opcode == OP_LE || i->opcode == OP_BE) return NULL;
        return "32-bit arithmetic, which sign-extends here and zero-extends in BPF (use -mcpu=v2)";
    case CLASS_JMP32:
        return "32-bit jump (use -mcpu=v2)";
    case CLASS_ALU64:
        return check_alu64(i);
    default:
        return check_jump(text, i, slot);
    }
}

static const char *check_registers(const struct insn *i)
{
    unsigned class = i->opcode & 7;
    bool writes_dst = class == CLASS_LD || class == CLASS_LDX || class == CLASS_ALU32 || class == CLASS_ALU64;
    if (i->dst > FRAME_POINTER || i->src > FRAME_POINTER) return "bad register";
    return writes_dst && i->dst == FRAME_POINTER ? "write to the frame pointer" : NULL;
}

static const char *verify_check(const struct text *text, int64_t slot)
{
    struct insn i = verify_decode(text->bytes + slot * INSN_BYTES);
    const char *bad = check_registers(&i);
    return bad ? bad : check_class(text, &i, slot);
}

static bool find_wide(const struct text *text, struct fault *fault)
{
    for (int64_t slot = 0; slot < text->count; slot++) {
        if (text->bytes[slot * INSN_BYTES] != INSN_LDDW) continue;
        if (slot + 1 >= text->count || text->bytes[(slot + 1) * INSN_BYTES] != 0)
            return fault_set(fault, "instruction %lld: incomplete lddw", (long long)slot);
        text->is_wide_tail[++slot] = 1;
    }
    return true;
}

static bool check_all(const struct text *text, struct fault *fault)
{
    for (int64_t slot = 0; slot < text->count; slot++) {
        const char *bad = text->is_wide_tail[slot] ? NULL : verify_check(text, slot);
        if (bad)
            return fault_set(fault, "instruction %lld (opcode 0x%02x): %s", (long long)slot,
                             text->bytes[slot * INSN_BYTES], bad);
    }
    return true;
}

bool verify_text(const struct image *image, struct fault *fault)
{
    struct text text = {.bytes = image->text, .count = (int64_t)(image->text_size / INSN_BYTES)};
    if (text.count == 0) return fault_set(fault, "the program is empty");
    text.is_wide_tail = calloc((size_t)text.count, 1);
    if (!text.is_wide_tail) return fault_set(fault, "out of memory");
    bool good = find_wide(&text, fault) && check_all(&text, fault);
    free(text.is_wide_tail);
    return good;
}
