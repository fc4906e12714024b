"""The Streamlit side of ConvScope: state, controls, pictures in, and the bridge to the stage."""
