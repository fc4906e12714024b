/* The direct convolution of a photo's bytes, in whole numbers.

   The idea. The pixels of a photo are bytes, and a weight is a whole number of up to three digits to the base 256,
   times a scale. What a window sees of one row of an image (red, green, blue, red, ...) lies side by side in memory
   as it is, and so does what the windows below it see: a unit of the processor multiplies such a tile, 16 windows of
   up to 64 bytes, with a tile of as many digits for 16 columns, and adds the products to 256 sums, in one instruction
   and without any rounding. Columns are the numbers that lie side by side in the result: features, and those of the
   next windows to the right, for which the same digits stand some bytes further down.

   Sources: "Intel 64 and IA-32 Architectures Software Developer's Manual", volume 1, chapter 18 (Advanced Matrix
   Extensions); H. Ootomo, K. Ozaki and R. Yokota, "DGEMM on Integer Matrix Multiplication Unit", International
   Journal of High Performance Computing Applications 38(4), 2024 (numbers cut into digits for a unit of integers).

   compiled_bytes.py makes the tiles of digits. Where the processor has no such unit, loops take its place, to test
   the rest with; no layer is left to them that could choose. */

#include "compiled.h"

#if defined(__AMX_INT8__) && defined(__linux__)
#include <immintrin.h>
#define HAS_UNIT 1
#else
#define HAS_UNIT 0
#endif

/* A tile: so many rows of so many bytes, or of a quarter as many whole numbers. */
enum { TILE_ROWS = 16, TILE_BYTES = 64, COLUMNS = 16, CELLS = TILE_ROWS * COLUMNS };
/* Tiles of sums at once; two more are what is multiplied. The second half is for rows that are computed together
   with the first: digits that have just been there are still in the nearest cache. */
enum { MOST_SUMS = 6, HALF = MOST_SUMS / 2 };
/* Bytes of digits that stay in the nearest cache, beside pixels and cells. */
enum { NEAR_BYTES = 1 << 15 };

typedef int numbers __attribute__((vector_size(4 * COLUMNS), aligned(4)));
typedef unsigned wrapping __attribute__((vector_size(4 * COLUMNS), aligned(4))); /* what overflows comes back */
typedef float line __attribute__((vector_size(4 * COLUMNS), aligned(4)));
typedef float quarter __attribute__((vector_size(16), aligned(4)));
typedef float aligned_quarter __attribute__((vector_size(16)));

/* ---- the unit ------------------------------------------------------------------------------------------------ */

/* What a system says that is asked for the unit: where it refuses, no layer may come here; loops stand in for a
   missing one. */
enum { MISSING, GRANTED, REFUSED };

#if HAS_UNIT

/* Ask for the unit, as Linux wants it (arch_prctl: ARCH_REQ_XCOMP_PERM for the tiles); once is enough for a process. */
int ask_for_unit(void) {
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(158L), "D"(0x1023L), "S"(18L) : "rcx", "r11", "memory");
    return result == 0 ? GRANTED : REFUSED;
}

/* Say how large the tiles are: those of sums, then `width` bytes of pixels against as many digits. */
static void begin(integer width) {
    struct {
        byte palette, start_row, reserved[14];
        unsigned short row_bytes[16];
        byte rows[16];
    } shapes __attribute__((aligned(64))) = {.palette = 1};
    for (int tile = 0; tile < MOST_SUMS + 2; tile++) {
        shapes.row_bytes[tile] = TILE_BYTES;
        shapes.rows[tile] = TILE_ROWS;
    }
    shapes.row_bytes[MOST_SUMS] = width;
    shapes.rows[MOST_SUMS + 1] = width / 4;
    _tile_loadconfig(&shapes);
}

static void end(void) { _tile_release(); }

/* Add up the taps of 16 windows, one below the other, in N tiles of sums; for R = 2 also those of the next 16. */
inlined void add_products(const int N, const int R, const byte *from, integer step, const Bytes *bank,
                          const signed char *digits, int *sums) {
    _tile_zero(0), _tile_zero(1), _tile_zero(2), _tile_zero(3), _tile_zero(4), _tile_zero(5);
#define add(sum, number) \
    if (number < N) { \
        _tile_loadd(7, digits + number * size, TILE_BYTES); \
        _tile_dpbusd(sum, 6, 7); \
    }
    const integer size = bank->width * COLUMNS;
    for (integer tap = 0; tap < bank->taps; tap++, digits += N * size) {
        const byte *pixels = from + bank->offsets[tap];
        _tile_loadd(6, pixels, step);
        add(0, 0) add(1, 1) add(2, 2) add(3, 3) add(4, 4) add(5, 5)
        if (R == 1) continue;
        _tile_loadd(6, pixels + TILE_ROWS * step, step);
        add(3, 0) add(4, 1) add(5, 2)
    }
#undef add
#define store(sum) \
    if (sum < N || (R == 2 && sum >= HALF && sum < HALF + N)) _tile_stored(sum, sums + sum * CELLS, 4 * COLUMNS);
    store(0) store(1) store(2) store(3) store(4) store(5)
#undef store
}

#else

int ask_for_unit(void) { return MISSING; }
static void begin(integer width) { (void)width; }
static void end(void) {}

inlined void add_products(const int N, const int R, const byte *from, integer step, const Bytes *bank,
                          const signed char *digits, int *sums) {
    __builtin_memset(sums, 0, sizeof(int) * MOST_SUMS * CELLS);
    for (integer tap = 0; tap < bank->taps; tap++)
        for (int number = 0; number < N; number++, digits += bank->width * COLUMNS)
            for (int row = 0; row < R * TILE_ROWS; row++)
                for (integer k = 0; k < bank->width; k++)
                    for (int column = 0; column < COLUMNS; column++)
                        sums[(row / TILE_ROWS * HALF + number) * CELLS + row % TILE_ROWS * COLUMNS + column] +=
                            from[bank->offsets[tap] + row * step + k] * digits[(k / 4 * COLUMNS + column) * 4 + k % 4];
}

#endif

/* ---- from sums to cells -------------------------------------------------------------------------------------- */

/* Write the first `count` of a vector, past the caches if `streams`. */
inlined void write_cells(line cells, float *to, integer count, int streams) {
    if (count == COLUMNS && !streams) {
        *(line *)to = cells;
        return;
    }
    quarter quarters[COLUMNS / 4];
    __builtin_memcpy(quarters, &cells, sizeof cells);
    if (count == COLUMNS) {
        unrolled for (int q = 0; q < COLUMNS / 4; q++)
            __builtin_nontemporal_store(quarters[q], (aligned_quarter *)to + q);
        return;
    }
    integer at = 0;
    for (; at + 4 <= count; at += 4) *(quarter *)(to + at) = quarters[at / 4];
    for (; at < count; at++) to[at] = ((const float *)quarters)[at];
}

/* The cells of one row of a tile, from the sums of their D digits. Whole numbers stay whole to the end. */
inlined line cells_of(const int D, const int *sums, const Bytes *bank, const float *scale, const float *bias) {
    line cells;
    if (bank->is_whole) {
        wrapping value = *(const wrapping *)sums;
        unrolled for (int d = 1; d < D; d++) value = value * 256 + *(const wrapping *)(sums + d * CELLS);
        cells = __builtin_convertvector((numbers)value, line) + *(const line *)bias;
        return bank->divisor == 1 ? cells : cells / bank->divisor;
    }
    cells = __builtin_convertvector(*(const numbers *)sums, line);
    unrolled for (int d = 1; d < D; d++)
        cells = cells * 256 + __builtin_convertvector(*(const numbers *)(sums + d * CELLS), line);
    return cells * *(const line *)scale + *(const line *)bias;
}

/* ---- rows of tiles ------------------------------------------------------------------------------------------- */

/* What a row of tiles is written to. */
typedef struct {
    float *to;
    integer row_step, pixel_step; /* floats */
    integer rows, cols;           /* cells: at most R * 16 rows */
    int streams;
} Maps;

/* R times 16 rows of output, for B blocks of up to 16 columns whose digits are D. */
inlined void row_of_tiles(const int R, const int B, const int D, const byte *from, integer step, integer window_step,
                          const Bytes *bank, const Set *set, Maps maps) {
    int sums[MOST_SUMS * CELLS] __attribute__((aligned(64)));
    for (integer col = 0, next; col < maps.cols; col = next) {
        next = col + bank->together;
        /* The last windows of a row begin among those before: those are computed twice. */
        if (next > maps.cols && maps.cols >= bank->together) col = maps.cols - bank->together;
        const integer windows = maps.cols - col < bank->together ? maps.cols - col : bank->together;
        add_products(B * D, R, from + col * window_step, step, bank, set->digits, sums);
        float *to = maps.to + col * maps.pixel_step + set->first;
        /* What is written too much is written over by the next windows, where there are some. */
        const int is_more = B == 1 && bank->sets == 1 && (maps.cols - col) * maps.pixel_step >= COLUMNS;
        for (int b = 0; b < B; b++) {
            const integer count = b < B - 1 ? COLUMNS : set->last_count * windows;
            for (int r = 0; r < R; r++)
                for (integer row = 0; row < (R == 1 ? maps.rows : TILE_ROWS); row++)
                    write_cells(cells_of(D, sums + (r * HALF + b * D) * CELLS + row * COLUMNS, bank,
                                         set->scale + b * COLUMNS, set->bias + b * COLUMNS),
                                to + (r * TILE_ROWS + row) * maps.row_step + b * COLUMNS, is_more ? COLUMNS : count,
                                maps.streams && count == COLUMNS);
        }
    }
}

#define ROW_OF_TILES(R, B, D) \
    static void row_##R##_##B##_##D(const byte *from, integer step, integer window_step, const Bytes *bank, \
                                    const Set *set, Maps maps) { \
        row_of_tiles(R, B, D, from, step, window_step, bank, set, maps); \
    }
ROW_OF_TILES(1, 1, 1)
ROW_OF_TILES(2, 1, 1)
ROW_OF_TILES(1, 2, 1)
ROW_OF_TILES(1, 4, 1)
ROW_OF_TILES(1, 1, 2)
ROW_OF_TILES(2, 1, 2)
ROW_OF_TILES(1, 2, 2)
ROW_OF_TILES(1, 1, 3)
ROW_OF_TILES(2, 1, 3)
ROW_OF_TILES(1, 2, 3)

/* ---- strips -------------------------------------------------------------------------------------------------- */

/* Copy the padded places `first` up to `last` of a row. */
static void copy_places(const Layer *layer, integer first, integer last, const byte *row, byte *to) {
    const integer channels = layer->channels, behind = layer->before + layer->inner_cols;
    for (integer place = first, end; place < last; place = end) {
        const int is_inside = place >= layer->before && place < behind;
        end = is_inside ? behind : place < layer->before ? layer->before : last;
        end = end < last ? end : last;
        const integer count = (end - place) * channels;
        if (is_inside) __builtin_memcpy(to, row + (place - layer->before) * channels, count);
        else if (layer->col_sources[place] < 0) __builtin_memset(to, 0, count); /* then so are all at this edge */
        else
            for (integer i = 0; i < count; i++)
                to[i] = row[layer->col_sources[place + i / channels] * channels + i % channels];
        to += count;
    }
}

/* Write rows `first_row` up to `last_row` of the result. `strip` has room for the padded rows of a strip. */
void convolve_bytes(const Layer *layer, const byte *image, integer image_step, float *out, integer first_row,
                    integer last_row, byte *strip) {
    const Bytes *bank = layer->bytes;
    const integer stride = layer->stride_rows, out_step = layer->out_cols * layer->features;
    const integer window_step = layer->stride_cols * layer->channels;
    const int streams = layer->streams && (unsigned long long)out % sizeof(quarter) == 0;
    const int is_far = bank->sets == 1 && bank->set->blocks == 1 &&
                       bank->taps * bank->digits * bank->width * COLUMNS > NEAR_BYTES;
    begin(bank->width);
    for (integer row = first_row; row < last_row; row += layer->strip_rows) {
        const integer rows = last_row - row < layer->strip_rows ? last_row - row : layer->strip_rows;
        const integer lines = (rows - 1) * stride + layer->span_rows;
        for (integer col = 0; col < layer->out_cols; col += layer->strip_cols) {
            const integer cols = layer->out_cols - col < layer->strip_cols ? layer->out_cols - col : layer->strip_cols;
            const integer start = col * layer->stride_cols;
            const integer end = start + (cols - 1) * layer->stride_cols + layer->span_cols;
            for (integer i = 0; i < lines; i++) {
                const integer source = layer->row_sources[row * stride + i];
                byte *to = strip + i * layer->pitch;
                if (source < 0) __builtin_memset(to, 0, (end - start) * layer->channels);
                else copy_places(layer, start, end, image + source * image_step, to);
            }
            for (integer top = 0; top < rows;) {
                /* The last rows begin among those before, if there are enough. */
                const int is_pair = is_far && rows - top >= 2 * TILE_ROWS;
                const integer at = rows - top >= TILE_ROWS || rows < TILE_ROWS ? top : rows - TILE_ROWS;
                const integer height = rows < TILE_ROWS ? rows : (is_pair + 1) * TILE_ROWS;
                const byte *from = strip + at * stride * layer->pitch;
                const Maps maps = {out + (row + at) * out_step + col * layer->features, out_step, layer->features,
                                   height, cols, streams};
                for (const Set *set = bank->set; set < bank->set + bank->sets; set++) {
#define case_of(R, B, D) \
    case (R * 8 + B) * 8 + D: row_##R##_##B##_##D(from, stride * layer->pitch, window_step, bank, set, maps); break;
                    switch (((is_pair + 1) * 8 + set->blocks) * 8 + bank->digits) {
                        case_of(1, 1, 1) case_of(1, 2, 1) case_of(1, 4, 1) case_of(1, 1, 2) case_of(1, 2, 2)
                        case_of(1, 1, 3) case_of(1, 2, 3) case_of(2, 1, 1) case_of(2, 1, 2) case_of(2, 1, 3)
                    }
#undef case_of
                }
                top = at + height;
            }
        }
    }
    end();
}
