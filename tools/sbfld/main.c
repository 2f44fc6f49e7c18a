#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/sbfld/elf.h"
#include "tools/sbfld/link.h"
#include "tools/sbfld/syscalls.h"

static const char USAGE[] = "usage: sbfld [-v0|-v3] [-e SYMBOL] [-m] -o OUT.so IN.o...\n"
                            "Links objects of clang -target bpf -mcpu=v2 into a Solana program.\n"
                            "  -v0, -v3   version of SBPF (default 0)    -e   entry function (default "
                            "entrypoint)    -m   print a map\n";

struct options {
    struct link link;
    const char **inputs;
    const char *output;
    bool prints_map;
};

static bool sbfld_parse(int argc, char **argv, struct options *o)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-v0") == 0)
            o->link.version = SBPF_V0;
        else if (strcmp(argv[i], "-v3") == 0)
            o->link.version = SBPF_V3;
        else if (strcmp(argv[i], "-m") == 0)
            o->prints_map = true;
        else if (strcmp(argv[i], "-o") == 0 && i + 1 < argc)
            o->output = argv[++i];
        else if (strcmp(argv[i], "-e") == 0 && i + 1 < argc)
            o->link.entry = argv[++i];
        else if (argv[i][0] == '-')
            return false;
        else
            o->inputs[o->link.object_count++] = argv[i];
    }
    return o->output && o->link.object_count > 0;
}

static bool read_file(const char *path, struct buffer *b, struct fault *fault)
{
    uint8_t chunk[1 << 16];
    size_t got;
    FILE *file = fopen(path, "rb");
    if (!file) return fault_set(fault, "%s: %s", path, strerror(errno));
    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0) buffer_append(b, chunk, got);
    bool good = !ferror(file) && !b->failed;
    fclose(file);
    return good || fault_set(fault, "%s: cannot be read, or is too large", path);
}

// Nothing half-written stays behind.
static bool write_file(const char *path, const struct buffer *b, struct fault *fault)
{
    FILE *file = fopen(path, "wb");
    if (!file) return fault_set(fault, "%s: %s", path, strerror(errno));
    bool good = fwrite(b->bytes, 1, b->size, file) == b->size;
    if (fclose(file) != 0) good = false;
    if (good) return true;
    fault_write(fault, "%s: %s", path, strerror(errno));
    remove(path);
    return false;
}

static bool is_in_map(const struct object *object, const Elf64_Sym *symbol)
{
    if (!symbol_is_defined(symbol) || symbol->st_shndx >= object->section_count) return false;
    return object->sections[symbol->st_shndx].is_live && ELF64_ST_TYPE(symbol->st_info) != STT_SECTION;
}

static void print_map(const struct link *link, const struct image *image)
{
    for (size_t i = 0; i < link->object_count; i++)
        for (size_t j = 1; j < link->objects[i].symbol_count; j++) {
            const struct object *object = &link->objects[i];
            const Elf64_Sym *symbol = &object->symbols[j];
            if (is_in_map(object, symbol))
                printf("%#12llx %6llu %s\n", (unsigned long long)link_address(image, object, symbol),
                       (unsigned long long)symbol->st_size, object_symbol_name(object, symbol));
        }
    for (size_t i = 0; i < image->syscall_count; i++)
        printf("syscall      %08x %s\n", syscall_hash(image->syscalls[i].name), image->syscalls[i].name);
    printf("text %llu, rodata %llu bytes, SBPF v%d\n", (unsigned long long)image->text_size,
           (unsigned long long)image->rodata_size, (int)image->version);
}

static bool read_objects(struct options *o, struct buffer *files, struct fault *fault)
{
    for (size_t i = 0; i < o->link.object_count; i++) {
        if (!read_file(o->inputs[i], &files[i], fault)) return false;
        if (!object_read(&o->link.objects[i], o->inputs[i], files[i].bytes, files[i].size, fault))
            return false;
    }
    return true;
}

static bool link_and_write(struct options *o, struct fault *fault)
{
    struct image image;
    struct buffer file = {0};
    if (!link_image(&o->link, &image, fault)) return false;
    if (o->prints_map) print_map(&o->link, &image);
    bool good = elf_write(&image, o->link.entry, &file, fault) && write_file(o->output, &file, fault);
    buffer_finish(&file);
    image_finish(&image);
    return good;
}

static bool sbfld_allocate(struct options *o, struct buffer **files, size_t count)
{
    o->inputs = calloc(count, sizeof *o->inputs);
    o->link.objects = calloc(count, sizeof *o->link.objects);
    *files = calloc(count, sizeof **files);
    return o->inputs && o->link.objects && *files;
}

static void sbfld_finish(struct options *o, struct buffer *files)
{
    for (size_t i = 0; o->link.objects && files && i < o->link.object_count; i++) {
        object_finish(&o->link.objects[i]);
        buffer_finish(&files[i]);
    }
    free(files);
    free(o->link.objects);
    free((void *)o->inputs);
}

static int sbfld_run(struct options *o, struct buffer *files)
{
    struct fault fault = {{0}};
    if (read_objects(o, files, &fault) && link_and_write(o, &fault)) return EXIT_SUCCESS;
    fprintf(stderr, "sbfld: %s\n", fault.text);
    return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    int status = 2;
    struct buffer *files = NULL;
    struct options o = {.link.entry = "entrypoint"};
    if (sbfld_allocate(&o, &files, (size_t)argc) && sbfld_parse(argc, argv, &o))
        status = sbfld_run(&o, files);
    else
        fputs(USAGE, stderr);
    sbfld_finish(&o, files);
    return status;
}
