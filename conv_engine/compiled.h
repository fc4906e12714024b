/* What the compiled kernels are told: the plan that compiled_layer.py makes, in its words. */

#pragma once

typedef long long integer;
typedef unsigned char byte;

#define inlined static inline __attribute__((always_inline))
#define unrolled _Pragma("clang loop unroll(full)")
#define independent _Pragma("clang loop vectorize(assume_safety)")

/* Rows of output that one tile covers where there is a single feature. */
enum { ROWS = 4 };

enum Shape { WIDE, NARROW, APART };

/* Neighbouring features that are computed together. */
typedef struct {
    integer shape;          /* WIDE: lanes are features; NARROW, APART: lanes are pixels */
    integer lanes;          /* features of a tile: vectors of them (1, 2) if WIDE, else 1, 3, 4 or 8 */
    integer first, count;   /* the features that are written */
    integer apart;          /* floats from the plane of one feature to that of the next, if APART */
    integer taps;           /* for one row of output: */
    const integer *offsets; /* where each tap reads, in floats from the cell's own place in the strip */
    const float *weights;   /* (taps, features of the tile) */
    integer rows;             /* ROWS if so many rows of output are computed at once, else 0: */
    integer row_taps[2 * ROWS - 1]; /* taps of the first row only, of the first two, ..., of all, ..., of the last only */
    const integer *row_offsets;
    const float *row_weights; /* (all row_taps, ROWS) */
} Block;

/* One pass of a bank over planes of floats. */
typedef struct {
    integer blocks;
    const Block *block;
    const float *bias; /* of each feature */
    float divisor;     /* what sums and bias are divided by */
} Pass;

/* Blocks of up to 16 columns of tiles that are computed together, in whole numbers. */
typedef struct {
    integer blocks;
    integer first, last_count; /* the first feature; those of the last block, the others have 16 */
    const signed char *digits; /* (taps, blocks, digits of a weight, width / 4, 16, 4) */
    const float *scale, *bias; /* of each column */
} Set;

/* A bank for pixels that are bytes. */
typedef struct {
    integer digits;         /* of a weight, to the base 256 */
    integer together;       /* windows side by side in the columns of a block, more than one only in a single set */
    integer taps, width;    /* pieces of a line of a window, and the bytes of each: a multiple of 4, up to 64 */
    const integer *offsets; /* where each begins, in bytes from the window's own place in the strip */
    integer sets;
    const Set *set;
    integer is_whole; /* whether sums are whole numbers that an int can hold, divided at the end: */
    float divisor;
} Bytes;

/* Either passes over planes of floats, or a bank for bytes. */
typedef struct {
    integer channels, kind; /* of number: an entry of Kind */
    integer stride_rows, stride_cols, span_rows, span_cols; /* steps, and pixels under a window */
    const integer *row_sources, *col_sources; /* the pixel at each padded place, -1 for zeros */
    integer before, inner_cols;               /* columns that are padded on the left, and real ones */
    integer out_cols, features;
    integer strip_rows, strip_cols; /* cells of a strip */
    integer pitch;                  /* floats of a row of a plane, or bytes of a row of a strip */
    integer streams;                /* whether the maps are too large for the caches */
    integer rounds;                 /* of one pass each, or of two for separable kernels: some features in each */
    integer planes;                 /* planes between two passes of a round, 0 for one pass */
    const Pass *first, *second;
    const Bytes *bytes;
} Layer;

enum Kind { UINT8, UINT16, INT16, INT32, FLOAT32, FLOAT64 };

/* Write rows `first_row` up to `last_row` of the result of a layer for bytes. */
void convolve_bytes(const Layer *layer, const byte *image, integer image_step, float *out, integer first_row,
                    integer last_row, byte *strip);
