"""Sounds: WAV files of every kind, kernels for the ears, and nothing clipped."""

import io
import struct
import time
import wave

import numpy as np
import pytest
import scipy.signal
from hypothesis import given
from hypothesis import strategies as st
from scipy.io import wavfile

from ui.sounds import (
    Sound,
    SoundError,
    average_kernel,
    echo_kernel,
    filtered,
    low_pass_kernel,
    read_wav,
    sample_sound,
    spectrum,
    write_wav,
)

RATE = 8000
TONE = 0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE // 4) / RATE)


def stored(samples: np.ndarray, rate: int = RATE) -> bytes:
    """Write as SciPy does, for other types than 16 bits."""
    sink = io.BytesIO()
    wavfile.write(sink, rate, samples)
    return sink.getvalue()


def pcm24(samples: np.ndarray, *, extensible: bool = False, rate: int = RATE) -> bytes:
    """Write 24 bits by hand, with the plain header or the extensible one."""
    whole = np.rint(samples * (2**23 - 1)).astype("<i4")
    data = whole.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    head = struct.pack("<HHIIHH", 0xFFFE if extensible else 1, 1, rate, rate * 3, 3, 24)
    if extensible:
        head += struct.pack("<HHI", 22, 24, 4) + struct.pack("<H", 1)
        head += bytes.fromhex("000000001000800000aa00389b71")
    body = b"WAVE" + b"fmt " + struct.pack("<I", len(head)) + head + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def refusal(data: bytes) -> str:
    with pytest.raises(SoundError) as refused:
        read_wav(data, "x.wav")
    return str(refused.value)


# What is read


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (stored(np.rint(TONE * 127 + 128).astype(np.uint8)), 2**-7),
        (stored(np.rint(TONE * 32767).astype(np.int16)), 2**-14),
        (pcm24(TONE), 2**-21),
        (pcm24(TONE, extensible=True), 2**-21),
        (stored(np.rint(TONE * (2**31 - 1)).astype(np.int32)), 2**-28),
        (stored(TONE.astype(np.float32)), 1e-6),
        (stored(TONE), 1e-12),
    ],
    ids=["8 bits", "16 bits", "24 bits", "24 bits, extensible", "32 bits", "float32", "float64"],
)
def test_samples_of_every_kind_come_in_the_same_scale(data: bytes, error: float) -> None:
    sound = read_wav(data, "tone.wav")
    assert (sound.rate, sound.samples.shape, sound.samples.dtype) == (RATE, TONE.shape, np.float64)
    np.testing.assert_allclose(sound.samples, TONE, atol=error)
    assert sound.notes == ()


def test_stereo_becomes_the_mean_of_its_channels_and_says_so() -> None:
    sound = read_wav(stored(np.stack([TONE, -0.5 * TONE], axis=1)), "x.wav")
    np.testing.assert_allclose(sound.samples, 0.25 * TONE, atol=1e-12)
    assert "2 channels" in sound.notes[0]


def test_what_is_louder_than_full_scale_is_made_quieter_and_says_so() -> None:
    sound = read_wav(stored(5 * TONE), "x.wav")
    assert np.abs(sound.samples).max() == 1
    assert "2.5 times" in sound.notes[0]


def test_silence_is_said_to_be_silent() -> None:
    assert "silent" in read_wav(stored(np.zeros(100)), "x.wav").notes[0]


def test_what_is_written_is_read_again() -> None:
    data = write_wav(TONE, RATE)
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
    np.testing.assert_allclose(read_wav(data, "x.wav").samples, TONE, atol=2**-14)


def test_the_sound_that_comes_with_the_app_is_as_its_readme_says() -> None:
    sound = sample_sound()
    assert sound.rate == 22_050
    assert 3 < sound.seconds < 5
    assert 0.7 < np.abs(sound.samples).max() <= 0.81
    assert abs(sound.samples.mean()) < 1e-3


# What is refused


def test_an_empty_file_is_refused() -> None:
    assert "0 bytes" in refusal(b"")
    assert "no samples" in refusal(write_wav(np.zeros(0), RATE))


def test_an_hour_is_too_long_and_its_length_is_said() -> None:
    hour = np.zeros(3600 * 4000, dtype=np.uint8) + np.uint8(128)
    said = refusal(stored(hour, 4000))
    assert "60.0 minutes" in said
    assert "10 seconds" in said


def test_ten_seconds_are_taken_and_a_sample_more_is_not() -> None:
    assert read_wav(stored(np.zeros(10 * 4000, np.int16), 4000), "x.wav").seconds == 10
    assert "10.0 seconds" in refusal(stored(np.zeros(10 * 4000 + 1, np.int16), 4000))


@pytest.mark.parametrize("rate", [1000, 192_000])
def test_rates_that_cannot_be_played_are_refused(rate: int) -> None:
    assert f"{rate:,} samples a second" in refusal(stored(np.zeros(100, np.int16), rate))


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"ID3\x04", "MP3"),
        (b"\xff\xfa", "MP3"),
        (b"OggS", "Ogg"),
        (b"fLaC", "FLAC"),
        (b"\0\0\0\x20ftypM4A ", "M4A"),
        (b"hello", "no WAV file"),
    ],
)
def test_other_files_are_told_what_they_look_like(head: bytes, kind: str) -> None:
    assert kind in refusal(head + bytes(60))


def test_samples_that_are_no_numbers_are_refused() -> None:
    assert "NaN" in refusal(stored(np.array([0.1, np.nan, 0.2])))


def test_a_compressed_file_is_refused() -> None:
    data = bytearray(stored(np.zeros(100, np.int16)))
    data[20:22] = struct.pack("<H", 0x55)  # MP3 in a WAV file
    assert "compressed" in refusal(bytes(data))


@given(st.integers(0, 300), st.binary(min_size=1, max_size=8))
def test_a_damaged_file_is_read_or_refused_with_a_sentence(place: int, change: bytes) -> None:
    data = bytearray(stored(np.rint(TONE[:100] * 32767).astype(np.int16)))
    data[place : place + len(change)] = change
    try:
        sound = read_wav(bytes(data), "x.wav")
    except SoundError as error:
        assert str(error).endswith(".")  # noqa: PT017
    else:
        assert np.isfinite(sound.samples).all()


@pytest.mark.parametrize("length", [4, 11, 12, 20, 30, 40, 44, 45, 60])
def test_a_file_that_is_cut_short_is_read_or_refused_with_a_sentence(length: int) -> None:
    data = stored(np.rint(TONE * 32767).astype(np.int16))[:length]
    try:
        assert read_wav(data, "x.wav").samples.size > 0
    except SoundError as error:
        assert str(error).endswith(".")  # noqa: PT017


def test_a_file_without_its_end_says_so() -> None:
    data = stored(np.rint(TONE * 32767).astype(np.int16))
    assert read_wav(data, "x.wav").notes == ()
    half = read_wav(data[: len(data) // 2], "x.wav")
    assert half.samples.size == (len(data) // 2 - 44) // 2
    assert "cut short" in half.notes[0]
    # The length of a sound that was written to a pipe is not known.
    assert read_wav(data[:4] + b"\xff\xff\xff\xff" + data[8:], "x.wav").notes == ()


# Kernels


def test_an_echo_is_the_sound_again_later_and_lower() -> None:
    kernel = echo_kernel(RATE, 0.05, 0.5, 2)
    sound = Sound("x", 0.3 * TONE, RATE)
    result = filtered(sound, kernel, ring=True).samples
    later = RATE // 20
    expected = np.zeros(TONE.size + 2 * later)
    for number in range(3):
        expected[number * later : number * later + TONE.size] += 0.3 * TONE * 0.5**number
    np.testing.assert_allclose(result, expected, atol=1e-12)


@pytest.mark.parametrize("cutoff", [300, 800, 2000])
def test_a_low_pass_lets_low_tones_through_and_stops_high_ones(cutoff: int) -> None:
    kernel = low_pass_kernel(22_050, cutoff)
    assert kernel.size % 2 == 1
    np.testing.assert_allclose(kernel, kernel[::-1])
    assert kernel.sum() == pytest.approx(1)
    _, response = scipy.signal.freqz(kernel, worN=[0.5 * cutoff, cutoff, 2 * cutoff], fs=22_050)
    low, middle, high = np.abs(response)
    assert low == pytest.approx(1, abs=0.01)
    assert middle == pytest.approx(0.5, abs=0.02)
    assert high < 0.005


def test_a_moving_average_stops_the_wave_that_it_is_as_long_as() -> None:
    kernel = average_kernel(RATE, 25 / RATE)
    assert kernel.size == 25
    wave_of_25 = np.sin(2 * np.pi * np.arange(400) / 25)
    inner = filtered(Sound("x", wave_of_25, RATE), kernel, ring=False).samples[20:-20]
    np.testing.assert_allclose(inner, 0, atol=1e-12)


def test_a_symmetric_kernel_keeps_the_length_and_the_time() -> None:
    click = np.zeros(200)
    click[77] = 1
    result = filtered(Sound("x", click, RATE), low_pass_kernel(RATE, 800), ring=False).samples
    assert result.size == 200
    assert result.argmax() == 77


def test_nothing_is_clipped_and_how_loud_it_was_is_known() -> None:
    loud = filtered(Sound("x", 1.6 * TONE, RATE), np.array([1.0, 1.0]), ring=True)
    exact = np.convolve(1.6 * TONE, [1, 1])
    assert loud.loudest == pytest.approx(np.abs(exact).max())
    assert loud.loudest > 1
    np.testing.assert_allclose(loud.samples * loud.loudest, exact, atol=1e-12)
    quiet = filtered(Sound("x", TONE, RATE), np.array([0.5]), ring=True)
    np.testing.assert_allclose(quiet.samples, TONE / 2)


@pytest.mark.parametrize(
    ("kernel", "ring"), [(echo_kernel(44_100, 0.6, 0.9, 5), True), (low_pass_kernel(44_100, 200), False)]
)
def test_ten_seconds_take_less_than_half_a_second(kernel: np.ndarray, ring: bool) -> None:
    sound = Sound("x", np.random.default_rng(1).uniform(-0.5, 0.5, 441_000), 44_100)
    filtered(sound, kernel, ring=ring)
    start = time.perf_counter()
    result = filtered(sound, kernel, ring=ring)
    assert time.perf_counter() - start < 0.5
    exact = scipy.signal.fftconvolve(sound.samples, kernel, "full" if ring else "same")
    np.testing.assert_allclose(result.samples * max(1, result.loudest), exact, atol=1e-9)


def test_a_tone_stands_in_the_spectrum_at_its_frequency() -> None:
    frequencies, power = spectrum(np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE), RATE)
    assert frequencies[power.argmax()] == pytest.approx(1000, abs=RATE / 2048)
    short_frequencies, short_power = spectrum(np.ones(10), RATE)
    assert short_frequencies.shape == short_power.shape == (1024,)
