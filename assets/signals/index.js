export { default } from "./streamlit.js";
