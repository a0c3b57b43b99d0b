// Stands for the decoders of compressions that the page refuses before it reads a tile.

const refuse = (): never => {
  throw new Error("this compression is not read");
};

export default { decode: refuse, load: refuse };
export class ZSTDDecoder {
  init = refuse;
  decode = refuse;
}
