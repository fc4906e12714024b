export { default, mountPlain } from "./several_streamlit.js";
