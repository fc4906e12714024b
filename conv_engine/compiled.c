/* The direct convolution at the speed of the processor.

   The idea. A strip of the padded image is dealt out into planes of floats, one for each channel and each phase of
   the column stride, so that what a tap of the kernel sees of neighbouring cells lies side by side in memory. A
   tile of some 24 registers of sums then stays in the processor while all taps pass by: each pixel that is loaded
   serves several features, each weight several pixels. Only when the last tap has passed is the tile written.

   Sources: K. Goto and R. van de Geijn, "Anatomy of High-Performance Matrix Multiplication", ACM Transactions on
   Mathematical Software 34(3), 2008 (the tile of registers); J. Zhang, F. Franchetti and T. M. Low, "High
   Performance Zero-Memory Overhead Direct Convolutions", ICML 2018 (convolution without a matrix of patches);
   E. Georganas et al., "Anatomy of High-Performance Deep Learning Convolutions on SIMD Architectures", SC 2018.

   compiled_planes.py makes the plan (tables of rows and columns, taps, blocks of features), compiled_layer.py calls
   `convolve` or `convolve_together`, repeat.py `repeat`. Only that allocates, and calls share the Crew and what is
   only read. Vectors are the extension that Clang and GCC share; a number meets a vector lane by lane. */

#include "compiled.h"

/* A tile fills the registers: 32 of 16 floats, 16 of 8, or 16 (32 on ARM) of 4. */
#if defined(__AVX512F__)
enum { LANES = 16, MOST_FEATURES = 8, VECTORS = 3, WIDE_PIXELS = 12 };
#elif defined(__AVX__)
enum { LANES = 8, MOST_FEATURES = 4, VECTORS = 3, WIDE_PIXELS = 6 };
#elif defined(__aarch64__)
enum { LANES = 4, MOST_FEATURES = 8, VECTORS = 3, WIDE_PIXELS = 12 };
#else
enum { LANES = 4, MOST_FEATURES = 4, VECTORS = 3, WIDE_PIXELS = 6 };
#endif

/* Sums of more terms than this are made in parts, so that rounding errors do not add up over a large kernel. */
#ifndef FOLD_TERMS
#define FOLD_TERMS 128
#endif
enum { FOLD = FOLD_TERMS };
/* Registers of sums. */
enum { TILE = 24 };

typedef float vector __attribute__((vector_size(4 * LANES), aligned(4)));

/* ---- tiles ------------------------------------------------------------------------------------------------ */

/* Interleave: a0 b0 a1 b1 ... */
inlined void zip(vector *first, vector *second) {
    const vector a = *first, b = *second;
#if defined(__AVX512F__)
    *first = __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    *second = __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
#elif defined(__AVX__)
    *first = __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
    *second = __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
#else
    *first = __builtin_shufflevector(a, b, 0, 4, 1, 5);
    *second = __builtin_shufflevector(a, b, 2, 6, 3, 7);
#endif
}

/* Where the cells of a tile go: floats from one to the next. */
typedef struct {
    float *to;
    integer feature_step, pixel_step;
    int streams; /* past the caches, to memory */
} Place;

typedef float quarter __attribute__((vector_size(16)));

/* Write a vector, past the caches if it is a part of maps that are too large for them: a line that is written whole
   need not be read first. That takes an address of whole quarters of 16 bytes. */
inlined void put(vector cells, float *to, int streams) {
    if (!streams) {
        *(vector *)to = cells;
        return;
    }
    quarter quarters[LANES / 4];
    __builtin_memcpy(quarters, &cells, sizeof cells);
    unrolled for (int q = 0; q < LANES / 4; q++) __builtin_nontemporal_store(quarters[q], (quarter *)to + q);
}

/* Write one vector of pixels for each of F features; `features` and `pixels` of them are wanted. */
inlined void write_cells(const int F, const vector *sums, Place out, integer features, integer pixels) {
    const int W = F == 3 ? 4 : F; /* halves are zipped, so that three features have a fourth beside them */
    vector cells[MOST_FEATURES];
    const float *cell = (const float *)cells;
    unrolled for (int f = 0; f < W; f++) cells[f] = sums[f < F ? f : 0];
    if (out.pixel_step == 1 && pixels == LANES) {
        for (integer f = 0; f < features; f++) *(vector *)(out.to + f * out.feature_step) = cells[f];
        return;
    }
    if (F == 1 || out.feature_step != 1) {
        for (integer f = 0; f < features; f++)
            for (integer p = 0; p < pixels; p++) out.to[f * out.feature_step + p * out.pixel_step] = cell[f * LANES + p];
        return;
    }
    /* Features side by side: halves are zipped until the features of each pixel are neighbours. */
    unrolled for (int zips = 1; zips < W; zips *= 2) {
        vector zipped[MOST_FEATURES];
        unrolled for (int i = 0; i < W / 2; i++) {
            zipped[2 * i] = cells[i];
            zipped[2 * i + 1] = cells[i + W / 2];
            zip(&zipped[2 * i], &zipped[2 * i + 1]);
        }
        unrolled for (int i = 0; i < W; i++) cells[i] = zipped[i];
    }
    if (pixels == LANES && features == W && out.pixel_step == W) {
        unrolled for (int f = 0; f < W; f++) put(cells[f], out.to + f * LANES, out.streams);
        return;
    }
    if (pixels == LANES && features == W) {
        unrolled for (int p = 0; p < LANES; p++)
            __builtin_memcpy(out.to + p * out.pixel_step, cell + p * W, sizeof(float) * W);
        return;
    }
    /* What is written too much for one pixel is written over by the next; only the last has none after it. */
    integer p = 0;
    if (out.pixel_step == features && W <= 2 * features)
        for (; p < pixels - 1; p++) __builtin_memcpy(out.to + p * out.pixel_step, cell + p * W, sizeof(float) * W);
    for (; p < pixels; p++)
        for (integer f = 0; f < features; f++) out.to[p * out.pixel_step + f] = cell[p * W + f];
}

/* The sums of a tile so far, where there are more terms than FOLD: in memory, as the registers are all taken. */
typedef struct {
    vector sums[TILE];
    int any;
} Parts;

/* Put the running sums by, and start anew. */
inlined void fold(Parts *parts, vector *sums, const int count) {
    unrolled for (int i = 0; i < count; i++) {
        parts->sums[i] = parts->any ? parts->sums[i] + sums[i] : sums[i];
        sums[i] = (vector){0};
    }
    parts->any = 1;
}

/* Divide the sums of a tile, where that is asked for. A division is rounded correctly, where a product with
   1 / divisor would be rounded twice. */
inlined void divide(vector *sums, const int count, float divisor) {
    if (__builtin_expect(divisor == 1, 1)) return;
    unrolled for (int i = 0; i < count; i++) sums[i] /= divisor;
}

/* Add what `taps` give to the features `first` up to `last` of F. Vectors lie side by side, but for the last one. */
#define add_taps(first, last, taps) \
    for (integer end, left = taps; left > 0; left -= FOLD) { \
        for (end = tap + (left < FOLD ? left : FOLD); tap < end; tap++) { \
            const float *from = source + offsets[tap], *weight = weights + tap * F; \
            vector under[TILE]; \
            unrolled for (int f = first; f < last; f++) { \
                if (is_apart || f == first) \
                    unrolled for (int p = 0; p < P; p++) \
                        under[p] = *(const vector *)(from + (is_apart ? f * apart : 0) + (p < P - 1 ? p * LANES : at_last)); \
                unrolled for (int p = 0; p < P; p++) sums[f * P + p] += weight[f] * under[p]; \
            } \
        } \
        if (left > FOLD) fold(parts, sums, F * P); \
    }

/* A tile whose lanes are pixels: F features of P vectors, for `pixels` pixels. */
inlined void narrow_tile(const int F, const int P, const int is_apart, const int is_rows, const float *source,
                         const Block *block, const Pass *pass, Place out, integer features, integer pixels) {
    const integer *offsets = is_rows ? block->row_offsets : block->offsets, apart = block->apart;
    const float *weights = is_rows ? block->row_weights : block->weights, *bias = pass->bias + block->first;
    const integer at_last = pixels < LANES ? 0 : pixels - LANES;
    vector sums[TILE];
    Parts stored, *parts = &stored;
    __asm__("" : "+r"(parts)); /* what this may point to is not known any more, and stays in memory */
    parts->any = 0;
    unrolled for (int i = 0; i < F * P; i++) sums[i] = (vector){0};
    integer tap = 0;
    if (is_rows) {
        add_taps(0, 1, block->row_taps[0])
        add_taps(0, 2, block->row_taps[1])
        add_taps(0, 3, block->row_taps[2])
        add_taps(0, 4, block->row_taps[3])
        add_taps(1, 4, block->row_taps[4])
        add_taps(2, 4, block->row_taps[5])
        add_taps(3, 4, block->row_taps[6])
    } else add_taps(0, F, block->taps)
    if (parts->any) unrolled for (int i = 0; i < F * P; i++) sums[i] += parts->sums[i];
    unrolled for (int f = 0; f < F; f++)
        unrolled for (int p = 0; p < P; p++) sums[f * P + p] += bias[is_rows ? 0 : f];
    divide(sums, F * P, pass->divisor);
    unrolled for (int p = 0; p < P; p++) {
        vector cells[MOST_FEATURES];
        unrolled for (int f = 0; f < F; f++) cells[f] = sums[f * P + p];
        Place here = out;
        here.to += (p < P - 1 ? p * LANES : at_last) * out.pixel_step;
        write_cells(F, cells, here, features, pixels < LANES ? pixels : LANES);
    }
}

/* A tile whose lanes are features: V vectors of them for each of P pixels. */
inlined void wide_tile(const int V, const int P, const float *source, integer taps, const integer *offsets,
                       const float *weights, float divisor, const float *bias, Place out) {
    vector sums[TILE];
    Parts stored, *parts = &stored;
    __asm__("" : "+r"(parts));
    parts->any = 0;
    unrolled for (int i = 0; i < P * V; i++) sums[i] = (vector){0};
    for (integer tap = 0; tap < taps;) {
        const integer end = tap + FOLD < taps ? tap + FOLD : taps;
        for (; tap < end; tap++) {
            const float *pixel = source + offsets[tap];
            const vector *weight = (const vector *)(weights + tap * V * LANES);
            unrolled for (int p = 0; p < P; p++)
                unrolled for (int v = 0; v < V; v++) sums[p * V + v] += pixel[p] * weight[v];
        }
        if (tap < taps) fold(parts, sums, P * V);
    }
    if (parts->any) unrolled for (int i = 0; i < P * V; i++) sums[i] += parts->sums[i];
    unrolled for (int p = 0; p < P; p++)
        unrolled for (int v = 0; v < V; v++) sums[p * V + v] += *(const vector *)(bias + v * LANES);
    divide(sums, P * V, divisor);
    unrolled for (int p = 0; p < P; p++)
        unrolled for (int v = 0; v < V; v++)
            put(sums[p * V + v],
                out.to + p * out.pixel_step + v * LANES, out.streams);
}

/* ---- rows of tiles ---------------------------------------------------------------------------------------- */

/* One row of output, or ROWS of them as if they were features. The last vector of a row ends where the row ends: what
   it shares with the one before is computed twice, and is the same. */
inlined void narrow_row(const int F, const int P, const int is_apart, const int is_rows, const float *source,
                        const Block *block, const Pass *pass, Place out, integer features, integer cols) {
    integer done = 0;
    /* What is left of a row after the largest tiles is done by smaller ones. */
#define tiles(Q) \
    if (Q <= P) \
        for (; Q == 1 ? done < cols : cols - done > (Q - 1) * LANES; done += Q * LANES) { \
            integer pixels = cols - done < Q * LANES ? cols - done : Q * LANES, at = done; \
            if (Q == 1 && pixels < LANES && cols >= LANES) at = cols - (pixels = LANES); \
            Place here = out; \
            here.to += at * out.pixel_step; \
            narrow_tile(F, Q, is_apart, is_rows, source + at, block, pass, here, features, pixels); \
        }
    tiles(P)
    tiles(4)
    tiles(2)
    tiles(1)
#undef tiles
}

inlined void wide_row(const int V, const int P, const float *source, const Block *block, const Pass *pass, Place out,
                      integer cols) {
    const float *bias = pass->bias + block->first;
    for (integer done = 0; done < cols;) {
        const integer at = cols < P || done + P <= cols ? done : cols - P;
        Place here = out;
        here.to += at * out.pixel_step;
        if (cols < P) {
            wide_tile(V, 1, source + at, block->taps, block->offsets, block->weights, pass->divisor, bias, here);
            done++;
        } else {
            wide_tile(V, P, source + at, block->taps, block->offsets, block->weights, pass->divisor, bias, here);
            done = at + P;
        }
    }
}

/* Each kind of row is a function of its own: the compiler then unrolls its tiles and keeps them in registers. */
#define NARROW_ROW(name, F, P, is_apart, is_rows) \
    static void name(const float *source, const Block *block, const Pass *pass, Place out, integer cols) { \
        narrow_row(F, P, is_apart, is_rows, source, block, pass, out, is_rows ? ROWS : block->count, cols); \
    }
NARROW_ROW(one_row, 1, 2 * VECTORS, 0, 0)
NARROW_ROW(rows_of_one, ROWS, VECTORS * MOST_FEATURES / ROWS, 0, 1)
NARROW_ROW(three_row, 3, VECTORS * MOST_FEATURES / 4, 0, 0)
NARROW_ROW(four_row, 4, VECTORS * MOST_FEATURES / 4, 0, 0)
NARROW_ROW(eight_row, MOST_FEATURES, VECTORS, 0, 0)
NARROW_ROW(four_apart, 4, VECTORS * MOST_FEATURES / 4, 1, 0)
NARROW_ROW(eight_apart, MOST_FEATURES, VECTORS, 1, 0)

static void wide_one(const float *source, const Block *block, const Pass *pass, Place out, integer cols) {
    wide_row(1, 2 * WIDE_PIXELS, source, block, pass, out, cols);
}

static void wide_two(const float *source, const Block *block, const Pass *pass, Place out, integer cols) {
    wide_row(2, WIDE_PIXELS, source, block, pass, out, cols);
}

/* Compute `rows` rows of output from planes of floats. */
static void run_pass(const Pass *pass, const float *source, integer source_step, Place out, integer row_step,
                     integer rows, integer cols) {
    for (integer row = 0; row < rows;) {
        /* The last rows of a single feature begin among those before: those are computed twice. */
        if (rows - row < ROWS && rows >= ROWS && pass->block->rows) row = rows - ROWS;
        const integer together = rows - row >= ROWS ? ROWS : 1;
        for (integer b = 0; b < pass->blocks; b++) {
            const Block *block = pass->block + b;
            const float *from = source + row * source_step;
            Place to = out;
            to.to += row * row_step + block->first * out.feature_step;
            if (together == ROWS && block->rows) {
                to.feature_step = row_step;
                rows_of_one(from, block, pass, to, cols);
                continue;
            }
            for (integer r = 0; r < together; r++, from += source_step, to.to += row_step) {
                if (block->shape == WIDE && block->lanes == 2) wide_two(from, block, pass, to, cols);
                else if (block->shape == WIDE) wide_one(from, block, pass, to, cols);
                else if (block->shape == APART && block->lanes == 4) four_apart(from, block, pass, to, cols);
                else if (block->shape == APART) eight_apart(from, block, pass, to, cols);
                else if (block->lanes == 1) one_row(from, block, pass, to, cols);
                else if (block->lanes == 3) three_row(from, block, pass, to, cols);
                else if (block->lanes == 4) four_row(from, block, pass, to, cols);
                else eight_row(from, block, pass, to, cols);
            }
        }
        row += together;
    }
}

/* ---- strips ----------------------------------------------------------------------------------------------- */

/* Deal numbers out to N planes in turn, as cards to N hands. */
#define DEAL(type) \
    inlined void deal_##type(const type *from, const int N, integer count, float *const *to) { \
        float *plane[N]; \
        unrolled for (int n = 0; n < N; n++) plane[n] = to[n]; \
        independent for (integer i = 0; i < count; i++) \
            unrolled for (int n = 0; n < N; n++) plane[n][i] = (float)from[i * N + n]; \
    } \
    static void deal_row_##type(const type *from, integer hands, integer count, float *const *to) { \
        if (hands == 1) deal_##type(from, 1, count, to); \
        else if (hands == 2) deal_##type(from, 2, count, to); \
        else if (hands == 3) deal_##type(from, 3, count, to); \
        else if (hands == 4) deal_##type(from, 4, count, to); \
        else if (hands == 6) deal_##type(from, 6, count, to); \
        else \
            for (integer n = 0; n < hands; n++) \
                for (integer i = 0; i < count; i++) to[n][i] = (float)from[i * hands + n]; \
    }

typedef unsigned short word;
DEAL(byte)
DEAL(word)
DEAL(short)
DEAL(int)
DEAL(float)
DEAL(double)

static void deal_row(integer kind, const byte *from, integer hands, integer count, float *const *to) {
    switch (kind) {
    case UINT8: deal_row_byte(from, hands, count, to); break;
    case UINT16: deal_row_word((const word *)from, hands, count, to); break;
    case INT16: deal_row_short((const short *)from, hands, count, to); break;
    case INT32: deal_row_int((const int *)from, hands, count, to); break;
    case FLOAT32: deal_row_float((const float *)from, hands, count, to); break;
    default: deal_row_double((const double *)from, hands, count, to);
    }
}

static integer size_of(integer kind) {
    return kind == UINT8 ? 1 : kind == UINT16 || kind == INT16 ? 2 : kind == FLOAT64 ? 8 : 4;
}

static float number_at(integer kind, const byte *at) {
    switch (kind) {
    case UINT8: return *at;
    case UINT16: return *(const word *)at;
    case INT16: return *(const short *)at;
    case INT32: return (float)*(const int *)at;
    case FLOAT32: return *(const float *)at;
    default: return (float)*(const double *)at;
    }
}

/* The padded places of a strip's rows: from `first` up to `last`, of which whole turns of stride places hold real
   pixels from `inner` on, which are dealt out at once. */
typedef struct {
    integer first, last, inner, turns;
} Span;

static Span span_of(const Layer *layer, integer first, integer last) {
    const integer stride = layer->stride_cols, before = layer->before, behind = before + layer->inner_cols;
    Span span = {first, last, before > first ? before : first, 0};
    const integer outer = behind < last ? behind : last;
    span.inner += (stride - (span.inner - first) % stride) % stride;
    if (outer > span.inner) span.turns = (outer - span.inner) / stride;
    return span;
}

/* Take one row apart into planes: plane (channel, phase) has the places phase, phase + stride, ... of its channel. */
static void deal_places(const Layer *layer, const Span *span, const byte *row, float *strip, integer channel_step,
                        float **hands) {
    const integer stride = layer->stride_cols, channels = layer->channels, size = size_of(layer->kind);
    integer place = span->first, phase = 0;
    float *to = strip;
    while (place < span->last) {
        if (place == span->inner && span->turns) {
            for (integer plane = 0; plane < stride; plane++)
                for (integer channel = 0; channel < channels; channel++)
                    hands[plane * channels + channel] = to + channel * channel_step + plane * layer->pitch;
            deal_row(layer->kind, row + (place - layer->before) * channels * size, stride * channels, span->turns, hands);
            place += span->turns * stride;
            to += span->turns;
            continue;
        }
        const integer source = layer->col_sources[place++];
        for (integer channel = 0; channel < channels; channel++)
            to[channel * channel_step + phase * layer->pitch] =
                source < 0 ? 0 : number_at(layer->kind, row + (source * channels + channel) * size);
        if (++phase == stride) {
            phase = 0;
            to++;
        }
    }
}

/* Write rows `first_row` up to `last_row` of the result. `scratch` holds the planes of a strip, those between two
   passes, and the hands: compiled_planes.py knows how much that is. */
void convolve(const Layer *layer, const byte *image, integer image_step, float *out, integer first_row,
              integer last_row, float *scratch) {
    if (layer->bytes) {
        convolve_bytes(layer, image, image_step, out, first_row, last_row, (byte *)scratch);
        return;
    }
    const integer stride = layer->stride_rows, line = layer->stride_cols * layer->pitch;
    const integer strip_lines = (layer->strip_rows - 1) * stride + layer->span_rows, channel_step = strip_lines * line;
    const integer plane_step = strip_lines * layer->pitch, out_step = layer->out_cols * layer->features;
    /* The features of every group are a multiple of four: vectors begin at a whole quarter if the first one does. */
    const int streams = layer->streams && layer->features % 4 == 0 && (unsigned long long)out % sizeof(quarter) == 0;
    float **hands = (float **)scratch;
    float *strip = (float *)(hands + layer->channels * layer->stride_cols);
    float *between = strip + layer->channels * channel_step + LANES * 4 * VECTORS;
    for (integer row = first_row; row < last_row; row += layer->strip_rows) {
        const integer rows = last_row - row < layer->strip_rows ? last_row - row : layer->strip_rows;
        const integer lines = (rows - 1) * stride + layer->span_rows;
        for (integer col = 0; col < layer->out_cols; col += layer->strip_cols) {
            const integer cols = layer->out_cols - col < layer->strip_cols ? layer->out_cols - col : layer->strip_cols;
            const integer start = col * layer->stride_cols;
            const Span span = span_of(layer, start, start + (cols - 1) * layer->stride_cols + layer->span_cols);
            for (integer i = 0; i < lines; i++) {
                const integer source = layer->row_sources[row * stride + i];
                if (source >= 0) {
                    deal_places(layer, &span, image + source * image_step, strip + i * line, channel_step, hands);
                    continue;
                }
                for (integer channel = 0; channel < layer->channels; channel++)
                    for (integer x = 0; x < line; x++) strip[channel * channel_step + i * line + x] = 0;
            }
            const Place place = {out + row * out_step + col * layer->features, 1, layer->features, streams};
            const Place planes = {between, plane_step, 1, 0};
            for (integer round = 0; round < layer->rounds; round++) {
                const Pass *first = layer->first + round, *second = layer->second + round;
                if (!layer->planes) {
                    run_pass(first, strip, stride * line, place, out_step, rows, cols);
                } else {
                    run_pass(first, strip, line, planes, layer->pitch, lines, cols);
                    run_pass(second, between, stride * layer->pitch, place, out_step, rows, cols);
                }
            }
        }
    }
}

/* ---- several threads -------------------------------------------------------------------------------------- */

/* One call's work, and who is at it. To wake a sleeping thread takes longer than many a convolution, so a helper that
   has just worked stays awake for a while, and looks here. There is one of these for all callers: who finds it taken
   does his work alone. */
typedef struct {
    integer taken, is_open; /* by a caller; to helpers */
    integer next, inside;   /* the piece that nobody has begun; helpers that are at a piece */
    integer awake;          /* helpers that look here */
    integer pieces, height, rows, image_step, floats; /* pieces of so many rows, and the floats that each takes */
    const Layer *layer;
    const byte *image;
    float *out;
} Crew;

static void relax(void) {
#if defined(__x86_64__)
    __asm__ volatile("pause");
#elif defined(__aarch64__)
    __asm__ volatile("isb");
#endif
}

static void do_pieces(Crew *crew, float *scratch) {
    for (integer piece; (piece = __atomic_fetch_add(&crew->next, 1, __ATOMIC_SEQ_CST)) < crew->pieces;) {
        const integer first = piece * crew->height;
        const integer last = first + crew->height < crew->rows ? first + crew->height : crew->rows;
        convolve(crew->layer, crew->image, crew->image_step, crew->out, first, last, scratch);
    }
}

/* Convolve all `rows`, in pieces of `height`, with whoever is awake. */
void convolve_together(Crew *crew, const Layer *layer, const byte *image, integer image_step, float *out, integer height,
                       integer rows, float *scratch, integer floats) {
    if (__atomic_exchange_n(&crew->taken, 1, __ATOMIC_SEQ_CST)) {
        convolve(layer, image, image_step, out, 0, rows, scratch);
        return;
    }
    crew->layer = layer;
    crew->image = image;
    crew->image_step = image_step;
    crew->out = out;
    crew->height = height;
    crew->rows = rows;
    crew->pieces = (rows + height - 1) / height;
    crew->floats = floats;
    crew->next = 0;
    __atomic_store_n(&crew->is_open, 1, __ATOMIC_SEQ_CST);
    do_pieces(crew, scratch);
    __atomic_store_n(&crew->is_open, 0, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&crew->inside, __ATOMIC_SEQ_CST)) relax(); /* who is still at a piece still writes */
    __atomic_store_n(&crew->taken, 0, __ATOMIC_SEQ_CST);
}

/* Help with whatever comes, until nothing has come for a while: a fifth of a millisecond to one, by the processor. */
void help(Crew *crew, float *scratch, integer floats) {
    __atomic_fetch_add(&crew->awake, 1, __ATOMIC_SEQ_CST);
    for (integer waited = 0; waited < 20000; waited++) {
        if (__atomic_load_n(&crew->is_open, __ATOMIC_SEQ_CST)) {
            /* Who is inside before the door shuts is waited for; who comes later finds it shut. */
            __atomic_fetch_add(&crew->inside, 1, __ATOMIC_SEQ_CST);
            if (__atomic_load_n(&crew->is_open, __ATOMIC_SEQ_CST) && crew->floats <= floats) {
                do_pieces(crew, scratch);
                waited = 0;
            }
            __atomic_fetch_sub(&crew->inside, 1, __ATOMIC_SEQ_CST);
        }
        relax();
    }
    __atomic_fetch_sub(&crew->awake, 1, __ATOMIC_SEQ_CST);
}

/* ---- a call that is made again ------------------------------------------------------------------------------ */

void *malloc(__SIZE_TYPE__);
void free(void *);
int memcmp(const void *, const void *, __SIZE_TYPE__);

/* A NumPy array, behind the head that every object has; NumPy's manual, "Python types and C-structures". repeat.py
   makes sure that it is so. */
typedef struct {
    byte *data;
    int axes;
    const __INTPTR_TYPE__ *shape, *strides;
    const void *base, *type;
    int flags;
} Array;

enum { CONTIGUOUS = 0x1, ALIGNED = 0x100, WRITEABLE = 0x400 };

/* What an array must be. */
typedef struct {
    const void *type; /* 0: there must be none */
    integer axes, shape[4], bytes;
    const byte *numbers; /* 0: any */
} Wanted;

/* A layer, and the arrays that it was asked for with. */
typedef struct {
    integer head; /* bytes of an object before what is its own */
    Wanted image, bank, bias, out;
    const Layer *layer;
    integer rows, floats;
    double sure; /* a value of this magnitude shows that rounding errors are small enough */
} Repeat;

enum { DONE, OTHER, UNSURE };

static const Array *array_of(const byte *object, integer head) { return (const Array *)(object + head); }

static int is_wanted(const byte *object, integer head, const Wanted *wanted, int flags) {
    if (!object || !wanted->type) return !object && !wanted->type;
    const Array *array = array_of(object, head);
    if (array->type != wanted->type || array->axes != wanted->axes || (array->flags & flags) != flags) return 0;
    for (integer axis = 0; axis < wanted->axes; axis++)
        if (array->shape[axis] != wanted->shape[axis]) return 0;
    return !wanted->numbers || !memcmp(array->data, wanted->numbers, wanted->bytes);
}

/* Convolve if all arrays are such as they were before, bank and bias to the last bit; else touch nothing. */
int repeat(const Repeat *asked, const byte *image, const byte *bank, const byte *bias, const byte *out) {
    const integer head = asked->head;
    if (!is_wanted(image, head, &asked->image, CONTIGUOUS | ALIGNED) ||
        !is_wanted(bank, head, &asked->bank, CONTIGUOUS | ALIGNED) ||
        !is_wanted(bias, head, &asked->bias, CONTIGUOUS | ALIGNED) ||
        !is_wanted(out, head, &asked->out, CONTIGUOUS | ALIGNED | WRITEABLE))
        return OTHER;
    const Array *pixels = array_of(image, head), *maps = array_of(out, head);
    float *cells = (float *)maps->data;
    /* Cells are written while pixels are still read. */
    if (maps->data < pixels->data + asked->image.bytes && pixels->data < maps->data + asked->out.bytes) return OTHER;
    float *scratch = malloc(sizeof(float) * asked->floats);
    if (!scratch) return OTHER;
    convolve(asked->layer, pixels->data, asked->image.bytes / asked->image.shape[0], cells, 0, asked->rows, scratch);
    free(scratch);
    for (integer cell = 0; cell < asked->out.bytes / (integer)sizeof(float); cell++)
        if (__builtin_fabsf(cells[cell]) >= asked->sure) return DONE; /* mostly among the first */
    return UNSURE;
}

/* Tell what an array says of itself, for a comparison with what NumPy says. */
void probe(integer head, const byte *object, integer *found) {
    const Array *array = array_of(object, head);
    found[0] = (integer)array->data;
    found[1] = array->axes;
    found[2] = array->shape[0];
    found[3] = array->strides[0];
    found[4] = (integer)array->type;
    found[5] = array->flags & (CONTIGUOUS | ALIGNED | WRITEABLE);
}

/* What the plan must know of the tiles: LANES, MOST_FEATURES, and the floats that a tile reads too far. */
void tile_sizes(integer *sizes) {
    sizes[0] = LANES;
    sizes[1] = MOST_FEATURES;
    sizes[2] = LANES * 4 * VECTORS;
}
